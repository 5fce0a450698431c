namespace Candlefish.Secrets.Server.Configuration;

/// <summary>One <c>listener "tcp"</c> block.</summary>
public sealed record ListenerConfiguration
{
    public required ListenAddress Address { get; init; }

    /// <summary><see langword="null"/> = plain HTTP (<c>tls_disable</c>).</summary>
    public TlsConfiguration? Tls { get; init; }

    /// <summary><c>max_request_size</c>: largest request body.</summary>
    public long MaxBodyBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary><c>max_request_duration</c>: a request that runs longer is ended.</summary>
    public TimeSpan MaxRequestDuration { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary><c>http_read_header_timeout</c>.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>http_idle_timeout</c>.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>The TLS part of a listener.</summary>
public sealed record TlsConfiguration
{
    public required string CertificateFile { get; init; }

    public required string KeyFile { get; init; }
}
