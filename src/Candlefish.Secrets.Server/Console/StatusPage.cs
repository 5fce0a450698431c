using System.Net;
using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Vault;
using Microsoft.AspNetCore.Http;

namespace Candlefish.Secrets.Server.Console;

/// <summary>
/// The page at <c>/ui/</c>: state of the node and how to go on. Served where <c>ui = true</c>. No script, no cookie, no
/// secret; nothing on it asks for a token.
/// </summary>
internal sealed class StatusPage(VaultNode node, bool isEnabled)
{
    public const string Path = "/ui/";

    private const string Style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1b1f24;background:#fff}" +
        "h1{font-size:1.4rem}dt{font-weight:600}dd{margin:0 0 .6rem}code{background:#f0f2f4;padding:.1rem .3rem;border-radius:.2rem}" +
        "@media(prefers-color-scheme:dark){body{color:#e6e8ea;background:#16191d}code{background:#262b31}}";

    private static readonly string ContentSecurityPolicy =
        "default-src 'none'; style-src 'sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style))) +
        "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The page serves this path; <c>/ui</c> leads to it.</summary>
    public bool Serves(string path) => isEnabled && path is ("/ui" or Path);

    public async ValueTask AnswerAsync(HttpContext http, string path)
    {
        HttpResponse answer = http.Response;
        if (http.Request.Method is not ("GET" or "HEAD"))
        {
            answer.StatusCode = StatusCodes.Status405MethodNotAllowed;
            answer.Headers.Allow = "GET, HEAD";
            return;
        }
        if (path != Path)
        {
            answer.StatusCode = StatusCodes.Status307TemporaryRedirect;
            answer.Headers.Location = Path;
            return;
        }
        byte[] page = Encoding.UTF8.GetBytes(Page());
        IHeaderDictionary headers = answer.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        foreach ((string name, IReadOnlyList<string> values) in node.Vault?.ConsoleHeaders ?? NoHeaders)
            headers[name] = values.ToArray();
        answer.ContentType = "text/html; charset=utf-8";
        answer.ContentLength = page.Length;
        if (http.Request.Method == "GET")
            await answer.BodyWriter.WriteAsync(page);
    }

    private string Page()
    {
        (string state, string next) = (node.IsInitialized, node.IsSealed) switch
        {
            (false, _) => ("not initialized", "candlefish-secrets operator init"),
            (true, true) => ("sealed", "candlefish-secrets operator unseal"),
            _ => ("unsealed, serving", "candlefish-secrets login"),
        };
        VaultOptions options = node.Environment.Options;
        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Candlefish Secrets</title><style>{Style}</style></head>
            <body>
            <main>
            <h1>Candlefish Secrets</h1>
            <dl>
            <dt>State</dt><dd>{state}</dd>
            <dt>Cluster</dt><dd>{WebUtility.HtmlEncode(options.ClusterName)}</dd>
            <dt>Version</dt><dd>{WebUtility.HtmlEncode(options.ProductVersion)} (answers as Vault {WebUtility.HtmlEncode(options.ReportedVersion)})</dd>
            <dt>Next step, in a terminal</dt><dd><code>{next}</code></dd>
            </dl>
            </main>
            </body>
            </html>
            """;
    }

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoHeaders = new Dictionary<string, IReadOnlyList<string>>();
}
