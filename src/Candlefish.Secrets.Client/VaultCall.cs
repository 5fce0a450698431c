namespace Candlefish.Secrets.Client;

/// <summary>One API call. The path has no leading <c>/v1/</c>: <c>secret/data/app</c>.</summary>
/// <param name="Method">GET, LIST, POST, PUT, PATCH, DELETE or HEAD.</param>
/// <param name="Path">Unescaped API path; each segment is escaped when sent.</param>
public sealed record VaultCall(string Method, string Path)
{
    /// <summary>Query parameters, unescaped.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>UTF-8 JSON, empty for no body. The caller owns and may clear the memory after the call.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Replaces the connection's token for this call; the empty string sends none.</summary>
    public string? Token { get; init; }

    /// <summary>Replaces the connection's wrap TTL for this call; the empty string asks for no wrapping.</summary>
    public string? WrapTtl { get; init; }

    /// <summary>Whether repeating the call cannot change anything: only such calls are repeated after a 5xx.</summary>
    public bool IsRead => Method is "GET" or "LIST" or "HEAD";

    /// <summary>The relative URI: <c>v1/</c>, the escaped path and the query.</summary>
    /// <exception cref="ArgumentException">The path has a <c>.</c> or <c>..</c> segment.</exception>
    internal string RelativeUri()
    {
        var builder = new System.Text.StringBuilder("v1/");
        var segments = Path.TrimStart('/').Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] is "." or "..")
            {
                throw new ArgumentException($"The path {Path} has a '{segments[i]}' segment, which no server accepts.");
            }

            builder.Append(i == 0 ? "" : "/").Append(Uri.EscapeDataString(segments[i]));
        }

        for (var i = 0; i < Query.Count; i++)
        {
            builder.Append(i == 0 ? '?' : '&')
                .Append(Uri.EscapeDataString(Query[i].Key)).Append('=')
                .Append(Uri.EscapeDataString(Query[i].Value));
        }

        return builder.ToString();
    }
}
