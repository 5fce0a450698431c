namespace Candlefish.Secrets.Client;

/// <summary>
/// How to reach one server and as whom. Read once, when the <see cref="VaultConnection"/> is made.
/// The token is kept as text because it becomes an HTTP header; it is never logged and never part
/// of an exception.
/// </summary>
public sealed class VaultConnectionOptions
{
    /// <summary>Base address, for example <c>https://vault.example:8200</c>; a path is kept as prefix.</summary>
    public required Uri Address { get; init; }

    /// <summary>Sent as <c>X-Vault-Token</c>; null sends no token.</summary>
    public string? Token { get; init; }

    /// <summary>Sent as <c>X-Vault-Namespace</c>.</summary>
    public string? Namespace { get; init; }

    /// <summary>PEM file with the only certificate authorities to trust; null trusts the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>Folder of PEM files, used like <see cref="CaFile"/>.</summary>
    public string? CaDirectory { get; init; }

    /// <summary>PEM file of the client certificate; needs <see cref="ClientKeyFile"/>.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file of the unencrypted private key of <see cref="ClientCertificateFile"/>.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Name to ask for and to verify instead of the host of <see cref="Address"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Accepts every server certificate. Only for a server on the same machine or a development one.</summary>
    public bool DangerousAcceptAnyServerCertificate { get; init; }

    /// <summary>Bound of one call, retries included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Further attempts after the first, see <see cref="RetryRule"/>.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Asks for response wrapping with this lifetime, for example <c>5m</c>.</summary>
    public string? WrapTtl { get; init; }

    /// <summary><c>method_id[:passcode]</c> values, sent as <c>X-Vault-MFA</c>.</summary>
    public IReadOnlyList<string> MultiFactor { get; init; } = [];

    /// <summary>Called after each attempt with what may be shown: never a header, body or query value.</summary>
    public Action<ConnectionTrace>? Trace { get; init; }
}

/// <summary>One attempt: enough to see what happened, nothing that is secret.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">API path without query.</param>
/// <param name="Status">HTTP status, 0 when no answer came.</param>
/// <param name="Attempt">1 for the first attempt.</param>
/// <param name="Elapsed">Time of this attempt.</param>
public readonly record struct ConnectionTrace(string Method, string Path, int Status, int Attempt, TimeSpan Elapsed);
