using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Candlefish.Secrets.Vault.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// What the Vault API takes from headers, and the other headers as the audit trail may log them (names in lower case,
/// without the two that carry the token). Valid while the request runs.
/// </summary>
internal sealed class RequestHeaders(IHeaderDictionary headers) : IReadOnlyDictionary<string, string>
{
    /// <summary>Longest token in characters.</summary>
    public const int MaxTokenLength = 8 * 1024;

    private const string TokenHeader = "X-Vault-Token";
    public const string NamespaceHeader = "X-Vault-Namespace";
    private const string WrapTtlHeader = "X-Vault-Wrap-TTL";
    private const string Bearer = "Bearer ";

    /// <summary><c>X-Vault-Token</c>, else the first <c>Authorization: Bearer</c>; <see langword="null"/> when neither is there.</summary>
    /// <exception cref="RequestRefused">400: too long.</exception>
    public string? Token()
    {
        string? token = null;
        if (headers.TryGetValue(TokenHeader, out StringValues sent) && sent[0] is { Length: > 0 } direct)
        {
            token = direct;
        }
        else
        {
            foreach (string? authorization in headers.Authorization)
            {
                if (authorization is not null && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
                {
                    token = authorization[Bearer.Length..].Trim();
                    break;
                }
            }
        }
        if (token is { Length: > MaxTokenLength })
            throw RequestRefused.BadRequest($"the token is longer than {MaxTokenLength} bytes: no token of this server is");
        return token is { Length: 0 } ? null : token;
    }

    /// <summary><c>X-Vault-Namespace</c>, canonical; empty = root.</summary>
    /// <exception cref="RequestRefused">400: not a path.</exception>
    public string Namespace()
    {
        if (!headers.TryGetValue(NamespaceHeader, out StringValues sent) || sent[0] is not { Length: > 0 } text)
            return "";
        return CanonicalPath.TryParse(text.Trim('/'), out CanonicalPath path, out string error)
            ? path.Value
            : throw RequestRefused.BadRequest($"error parsing {NamespaceHeader} header: {error}");
    }

    /// <summary><c>X-Vault-Wrap-TTL</c>: seconds or a duration; absent, empty and zero = not wrapped.</summary>
    /// <exception cref="RequestRefused">400: not a duration, or negative.</exception>
    public TimeSpan? WrapTtl()
    {
        if (!headers.TryGetValue(WrapTtlHeader, out StringValues sent) || sent[0] is not { Length: > 0 } text)
            return null;
        if (!WireTime.TryParseDuration(text, out TimeSpan ttl))
            throw RequestRefused.BadRequest($"error parsing {WrapTtlHeader} header: not a duration such as 30, 15m or 1h30m");
        if (ttl < TimeSpan.Zero)
            throw RequestRefused.BadRequest($"error parsing {WrapTtlHeader} header: requested wrap ttl cannot be negative");
        return ttl == TimeSpan.Zero ? null : ttl;
    }

    public int Count => Visible().Count();

    public IEnumerable<string> Keys => Visible().Select(h => h.Key);

    public IEnumerable<string> Values => Visible().Select(h => h.Value);

    public string this[string key] => TryGetValue(key, out string? value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        value = null;
        if (IsTokenHeader(key) || !headers.TryGetValue(key, out StringValues sent))
            return false;
        value = sent.ToString();
        return true;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => Visible().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Header names are ASCII: lower case is what the audit format uses.
#pragma warning disable CA1308
    private IEnumerable<KeyValuePair<string, string>> Visible() => headers
        .Where(h => !IsTokenHeader(h.Key))
        .Select(h => new KeyValuePair<string, string>(h.Key.ToLowerInvariant(), h.Value.ToString()));
#pragma warning restore CA1308

    private static bool IsTokenHeader(string name) =>
        name.Equals(TokenHeader, StringComparison.OrdinalIgnoreCase) || name.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
}
