using System.Text;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>Header sets of which none is a valid credential, although most are made from valid ones.</summary>
internal static class BrokenCredentials
{
    /// <param name="root">A living token with all rights.</param>
    /// <param name="accessor">The accessor of a living token.</param>
    public static IReadOnlyList<(string Name, string Value)[]> Of(string root, string accessor, string expired, string revoked, string wrapping)
    {
        string body = root[4..];
        string[] tokens =
        [
            "", " ", "0", "-1", "true", "null", "undefined", "[]", "{}", "*", "+", "/", ".", "..", "../sys/token", "%", "%00", "root", "hvs.", "hvb.", "hvr.", "s.", "b.",
            RouteTokens.Bogus, expired, revoked, wrapping, accessor, body, "hvb." + body, "hvr." + body, "s." + body, "hvs.*", root[..^1] + "*",
            root[..^1], root[1..], root + "x", root + ".root", root + ".", root + "/", root + "\t" + root, root + "," + root, root + ";", root + "%20", root + "%00",
            root.ToUpperInvariant(), root.ToLowerInvariant(), "\"" + root + "\"", "'" + root + "'", "Bearer " + root, "Token " + root,
            Convert.ToBase64String(Encoding.UTF8.GetBytes(root)), Uri.HexEscape(root[0]) + root[1..], $$"""{"token":"{{root}}"}""", "' or '1'='1",
            new string('A', 8_000), new string('A', 9_000), root + new string('x', 9_000), "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.",
        ];
        (string, string)[][] combinations =
        [
            [],
            [("Authorization", root)],
            [("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("root:" + root)))],
            [("Authorization", "Token " + root)],
            [("Authorization", "Bearer" + root)],
            [("Authorization", "Bearer " + RouteTokens.Bogus)],
            [("Authorization", "Bearer Bearer " + root)],
            [("X-Vault-Token", RouteTokens.Bogus), ("Authorization", "Bearer " + root)],
            [("X-Vault-Token", RouteTokens.Bogus), ("X-Vault-Token", root)],
            [("Cookie", "token=" + root)],
            [("Cookie", "X-Vault-Token=" + root)],
            [("X-Vault-Policy", "root")],
            [("X-Vault-Wrap-Token", root)],
            [("X-Forwarded-User", "root"), ("X-Remote-User", "root"), ("Remote-User", "root")],
            [("X-Original-URL", "/v1/sys/health"), ("X-Rewrite-URL", "/v1/sys/health")],
            [("X-HTTP-Method-Override", "OPTIONS"), ("X-Method-Override", "HEAD")],
            [("X-Vault-Request", "true"), ("X-Vault-Internal", "true")],
            [("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1")],
            [("X_Vault_Token", root)],
            [("X-Vault-Token-Accessor", accessor)],
        ];
        return [.. tokens.Select(t => new (string, string)[] { ("X-Vault-Token", t) }), .. combinations];
    }
}
