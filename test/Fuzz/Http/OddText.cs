using System.Text;

namespace Candlefish.Secrets.Tests.Fuzz.Http;

/// <summary>Words, numbers and characters that a reader of HTTP, JSON or paths may stumble over.</summary>
internal static class OddText
{
    private static readonly string[] Segments =
    [
        "a", "b", "probe", "default", "root", "config", "data", "metadata", "", ".", "..", "%2e", "%2e%2e", "%2f", "%00", "%", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%25", "+", "*", "~", "%20", " ",
        "%7b%7bidentity.entity.id%7d%7d", "%e2%80%8b", "%f0%9f%94%91", "é", ";a=b", "-1", "0", "9999999999999999999999", "null", "true", "a%0d%0aX-A:%20b",
    ];

    private static readonly string[] HeaderValues =
    [
        "", " ", "0", "-1", "1", "true", "null", "*", "99999999999999999999", "1e9", "1h", "-5s", "\t", "a,b", "a;q=0.5", "\"", "%00", "bytes=0-", "gzip", "chunked", "100-continue", "close", "é",
        "\u00ff\u00fe", "multipart/form-data; boundary=", "application/json; charset=utf-7", "text/plain", "{\"a\":1}", "[]", "127.0.0.1", "::1", "Bearer ", "Bearer a", "Basic YTpi", "hvs.", "hvs.bogus",
    ];

    private static readonly string[] HeaderNames =
    [
        "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-MD5", "Content-Type", "Cookie", "Expect", "Forwarded", "If-Match", "If-Modified-Since", "If-None-Match",
        "Origin", "Range", "Referer", "TE", "Trailer", "Upgrade", "Upgrade-Insecure-Requests", "User-Agent", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-HTTP-Method-Override",
        "X-Vault-Forward", "X-Vault-Inconsistent", "X-Vault-Index", "X-Vault-MFA", "X-Vault-Namespace", "X-Vault-No-Request-Forwarding", "X-Vault-Policy-Override", "X-Vault-Request",
        "X-Vault-Token", "X-Vault-Wrap-Format", "X-Vault-Wrap-TTL", "X-Request-Id", "Access-Control-Request-Method",
    ];

    /// <summary>Methods of HTTP, of WebDAV, of Vault, and none.</summary>
    private static readonly string[] Methods =
    [
        "GET", "GET", "POST", "POST", "PUT", "DELETE", "LIST", "PATCH", "HEAD", "OPTIONS", "SCAN", "TRACE", "CONNECT", "PROPFIND", "PURGE", "get", "Get", "G", "GETX", "M-SEARCH", "LIST2", "PRI",
    ];

    public static T Of<T>(Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    public static string Method(Random random) => Of<string>(random, Methods);

    public static string Segment(Random random) => random.Next(60) switch
    {
        0 => new string('x', random.Next(1, 9_000)),
        1 => string.Concat(Enumerable.Repeat("%41", random.Next(1, 1_500))),
        _ => Of<string>(random, Segments),
    };

    public static string HeaderName(Random random) => random.Next(12) == 0 ? "X-" + Of<string>(random, Segments) : Of<string>(random, HeaderNames);

    /// <summary>Seldom a token header of more than 8 KiB (row 40), or a value of up to 60 KiB.</summary>
    public static string HeaderValue(Random random) => random.Next(80) switch
    {
        0 => "hvs." + new string('A', random.Next(8_000, 9_000)),
        1 => new string('v', random.Next(1, 60_000)),
        _ => Of<string>(random, HeaderValues),
    };

    /// <summary>A query of up to five parameters, some twice, some without a value, with or without its question mark.</summary>
    public static string Query(Random random)
    {
        var query = new StringBuilder(random.Next(20) == 0 ? "%3f" : "?");
        for (int i = random.Next(6); i > 0; i--)
        {
            query.Append(Of(random, "list", "scan", "help", "version", "depth", "after", "limit", "path", "a", "%00", "", Segment(random)));
            if (random.Next(8) != 0)
                query.Append('=').Append(Of(random, "true", "false", "1", "-1", "", "99999999999999999999", "%zz", Segment(random)));
            query.Append(random.Next(10) == 0 ? ';' : '&');
        }
        return query.ToString();
    }
}
