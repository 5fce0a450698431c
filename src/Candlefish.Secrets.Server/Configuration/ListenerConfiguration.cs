using System.Net;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>One <c>listener "tcp"</c> block.</summary>
public sealed record ListenerConfiguration
{
    public required ListenAddress Address { get; init; }

    /// <summary><c>cluster_address</c>; <see langword="null"/> = the next port of <see cref="Address"/>.</summary>
    public ListenAddress? ClusterAddress { get; init; }

    /// <summary><see langword="null"/> = plain HTTP (<c>tls_disable</c>).</summary>
    public TlsConfiguration? Tls { get; init; }

    /// <summary><c>max_request_size</c>: largest request body.</summary>
    public long MaxBodyBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary><c>max_request_duration</c>: a request that runs longer is ended.</summary>
    public TimeSpan MaxRequestDuration { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary><c>http_read_header_timeout</c>. The shortest of all listeners holds for all of them.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>http_idle_timeout</c>. The shortest of all listeners holds for all of them.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Proxies whose <c>X-Forwarded-For</c> is believed; <see langword="null"/> = none.</summary>
    public ForwardedForConfiguration? ForwardedFor { get; init; }

    /// <summary><c>custom_response_headers</c> by <c>default</c>, <c>2xx</c> or <c>404</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, string>>> ResponseHeaders { get; init; } =
        new Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>>();

    /// <summary><c>telemetry { unauthenticated_metrics_access }</c>. Metrics are open only when every listener says so.</summary>
    public bool UnauthenticatedMetrics { get; init; }

    /// <summary>Generate-root and rekey without a token (<c>disable_unauthed_rekey_endpoints = false</c>).</summary>
    public bool UnauthenticatedRekey { get; init; }
}

/// <summary>How <c>X-Forwarded-For</c> is read.</summary>
/// <param name="Proxies">Connections from here may say who their client is.</param>
/// <param name="HopSkips">Entries to skip from the right.</param>
/// <param name="RejectNotPresent">A proxy that sends no header is refused.</param>
/// <param name="RejectNotAuthorized">A connection from elsewhere is refused, also when it sends no header.</param>
public sealed record ForwardedForConfiguration(IReadOnlyList<IPNetwork> Proxies, int HopSkips, bool RejectNotPresent, bool RejectNotAuthorized);
