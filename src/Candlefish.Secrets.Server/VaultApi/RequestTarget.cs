namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// The request target as the client sent it, split at the first <c>?</c> and not decoded: the path is decoded once, by
/// <see cref="Vault.Requests.CanonicalPath"/>.
/// </summary>
internal readonly record struct RequestTarget(string Path, string Query)
{
    /// <summary>Splits origin form (<c>/v1/x?y</c>) and absolute form (<c>http://host/v1/x</c>, RFC 9112 §3.2.2).</summary>
    public static RequestTarget Split(string rawTarget)
    {
        int pathStart = 0;
        if (!rawTarget.StartsWith('/'))
        {
            int scheme = rawTarget.IndexOf("://", StringComparison.Ordinal);
            pathStart = scheme < 0 ? -1 : rawTarget.IndexOf('/', scheme + 3);
            if (pathStart < 0)
                return new RequestTarget("", "");
        }
        int question = rawTarget.IndexOf('?', pathStart);
        return question < 0
            ? new RequestTarget(rawTarget[pathStart..], "")
            : new RequestTarget(rawTarget[pathStart..question], rawTarget[(question + 1)..]);
    }
}
