namespace Candlefish.Secrets.Server.Configuration;

/// <summary>The TLS part of a listener. Files are PEM, paths absolute.</summary>
public sealed record TlsConfiguration
{
    /// <summary>Certificate of the server, then its intermediates.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>Private key, unencrypted, readable by its owner only.</summary>
    public required string KeyFile { get; init; }

    /// <summary>Authorities that client certificates are verified against; <see langword="null"/> = not verified here.</summary>
    public string? ClientCaFile { get; init; }

    public ClientCertificates ClientCertificates { get; init; } = ClientCertificates.Optional;

    public TlsFloor Floor { get; init; } = TlsFloor.From12;
}

/// <summary>Whether clients are asked for a certificate.</summary>
public enum ClientCertificates
{
    /// <summary>Asked for, not needed. The <c>cert</c> auth method sees it.</summary>
    Optional,

    /// <summary>A connection without a certificate of the configured authorities is refused.</summary>
    Required,

    /// <summary>Not asked for.</summary>
    None,
}

/// <summary>Which versions of TLS are spoken. 1.0 and 1.1 never are.</summary>
public enum TlsFloor
{
    /// <summary>1.2 and 1.3.</summary>
    From12,

    /// <summary>1.2 only.</summary>
    Only12,

    /// <summary>1.3 only.</summary>
    Only13,
}
