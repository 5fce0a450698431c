using System.Net;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// One request, whichever door it came through: HTTP, AWS JSON, console, a rotation step.
/// </summary>
public sealed class VaultRequest
{
    /// <summary>Unique id (UUID text) that the answer, the audit trail and the log share.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// What is asked. Doors send <see cref="Operation.Update"/> for every write; the pipeline turns it into
    /// <see cref="Operation.Create"/> when the route says that nothing exists there yet.
    /// </summary>
    public required Operation Operation { get; set; }

    /// <summary>Path within the namespace, for example <c>secret/data/app</c>.</summary>
    public required CanonicalPath Path { get; init; }

    /// <summary>Namespace asked for by header, as sent; empty = root.</summary>
    public string NamespacePath { get; init; } = "";

    /// <summary>The client token as sent; <see langword="null"/> when none was.</summary>
    public string? Token { get; init; }

    /// <summary>Body and query, parsed when first asked for.</summary>
    public RequestData Data { get; init; } = RequestData.Empty;

    /// <summary>The response is to be wrapped for this long; <see langword="null"/> = not wrapped.</summary>
    public TimeSpan? WrapTtl { get; init; }

    public IPAddress? RemoteAddress { get; init; }

    public int RemotePort { get; init; }

    /// <summary>Header names (lower case) to values: what <c>sys/config/auditing/request-headers</c> may log.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    /// <summary>DER of the client certificate of the connection, when TLS asked for one.</summary>
    public ReadOnlyMemory<byte> ClientCertificate { get; init; }

    private static readonly Dictionary<string, string> NoHeaders = [];
}
