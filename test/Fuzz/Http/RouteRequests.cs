using System.Net.Http.Headers;
using System.Text.Json;

namespace Candlefish.Secrets.Tests.Fuzz.Http;

/// <summary>Well-formed HTTP to every route that the server describes, with odd paths, queries, headers and bodies.</summary>
internal sealed class RouteRequests
{
    /// <summary>
    /// What a token with all rights may not call: it would end the server, the walk or the rights, or make the server wait
    /// for what the body names (a quota of nothing, a trail that cannot be written).
    /// </summary>
    private static readonly string[] Ending = ["sys/seal", "sys/step-down", "sys/quotas", "sys/audit", "auth/token/revoke"];

    /// <summary>Mounts that are to stay.</summary>
    private static readonly string[] Kept = ["/kv", "/userpass"];

    private readonly (string Template, string[] Fields)[] _routes;
    private readonly string _token;

    private RouteRequests((string, string[])[] routes, string token)
    {
        _routes = routes;
        _token = token;
    }

    public int Count => _routes.Length;

    /// <summary>Templates without <c>/v1/</c>.</summary>
    public IEnumerable<string> Templates => _routes.Select(r => r.Template);

    /// <summary>Asks the server at the address for its routes, after mounting every kind of backend that it has.</summary>
    public static async Task<RouteRequests> LearnAsync(HttpClient http, string token)
    {
        foreach ((string path, string type) in ((string, string)[])[("mounts/kv", "kv"), ("auth/userpass", "userpass"), ("auth/approle", "approle")])
        {
            using var mount = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/sys/" + path, UriKind.Relative)) { Content = new StringContent($$"""{"type":"{{type}}"}""") };
            mount.Headers.Add("X-Vault-Token", token);
            using HttpResponseMessage reply = await http.SendAsync(mount);
            reply.EnsureSuccessStatusCode();
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("v1/sys/internal/specs/openapi", UriKind.Relative));
        request.Headers.Add("X-Vault-Token", token);
        using HttpResponseMessage answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return new RouteRequests([.. document.RootElement.GetProperty("paths").EnumerateObject().Select(p => (p.Name[1..], FieldsOf(p.Value, document.RootElement)))], token);
    }

    /// <summary>The next request; what it sends follows from the random source alone.</summary>
    public HttpRequestMessage Next(Random random, Uri server)
    {
        (string template, string[] fields) = _routes[random.Next(_routes.Length)];
        // The health answer has the status that its query asks for.
        string query = template != "sys/health" && random.Next(4) == 0 ? OddText.Query(random) : "";
        string path = string.Join('/', template.Split('/').Select(s => s.StartsWith('{') ? (random.Next(2) == 0 ? OddText.Of(random, "probe", "default", "a", "kv", "userpass") : OddText.Segment(random)) : s));
        if (random.Next(20) == 0)
            path += OddText.Of(random, "/", "//", "/..", "/.", "%2f", "/" + OddText.Segment(random));
        var target = new Uri(server + "v1/" + path.Replace('#', '-').Replace(' ', '+') + query, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var method = new HttpMethod(MethodFor(random));
        var request = new HttpRequestMessage(method, target);
        bool isEnding = Ending.Any(e => path.StartsWith(e, StringComparison.Ordinal)) || (path.StartsWith("sys/", StringComparison.Ordinal) && method == HttpMethod.Delete && Kept.Any(k => path.Contains(k, StringComparison.Ordinal)));
        if (!isEnding && random.Next(5) != 0)
            request.Headers.Add("X-Vault-Token", _token);
        for (int i = random.Next(6) == 0 ? random.Next(1, 4) : 0; i > 0; i--)
            request.Headers.TryAddWithoutValidation(OddText.HeaderName(random), Printable(OddText.HeaderValue(random)));
        if (isEnding)
        {
            request.Headers.Remove("X-Vault-Token");
            request.Headers.Remove("Authorization");
        }
        // HttpClient itself waits for the server's consent to these, or sends something else.
        foreach (string name in (ReadOnlySpan<string>)["Expect", "Upgrade", "Connection", "Transfer-Encoding", "TE", "Trailer"])
            request.Headers.Remove(name);
        if (request.Method.Method is not ("GET" or "HEAD" or "LIST" or "CONNECT" or "TRACE") || random.Next(10) == 0)
            request.Content = Content(random, fields, request.Method == HttpMethod.Patch);
        if (request.Method.Method is "CONNECT" or "TRACE")
            request.Content = null;
        return request;
    }

    private static string MethodFor(Random random)
    {
        string method = random.Next(10) == 0 ? OddText.Method(random) : OddText.Of(random, "GET", "POST", "POST", "POST", "PUT", "DELETE", "LIST", "PATCH");
        // HttpClient asks a proxy for this one.
        return method == "CONNECT" ? "CONNECTX" : method;
    }

    private static ByteArrayContent Content(Random random, string[] fields, bool isPatch)
    {
        var content = new ByteArrayContent(OddBodies.Of(random, fields));
        string type = isPatch ? "application/merge-patch+json" : OddText.Of(random, "application/json", "application/json", "application/json", "application/json", "application/json", "application/json", "application/json", "application/merge-patch+json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (random.Next(60) == 0)
            content.Headers.TryAddWithoutValidation("Content-Encoding", OddText.Of(random, "gzip", "br", "identity", "x"));
        return content;
    }

    private static string Printable(string value) => string.Concat(value.Where(c => c is >= ' ' and < '\u007f'));

    private static string[] FieldsOf(JsonElement item, JsonElement document)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(item, document, names, 0);
        return [.. names];
    }

    // Names under any "properties", and of parameters, following references.
    private static void Collect(JsonElement element, JsonElement document, HashSet<string> names, int depth)
    {
        if (depth > 12)
            return;
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement child in element.EnumerateArray())
                Collect(child, document, names, depth + 1);
        }
        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.Name == "$ref" && property.Value.GetString() is { } reference)
            {
                JsonElement found = document;
                if (reference.TrimStart('#', '/').Split('/').All(step => found.ValueKind == JsonValueKind.Object && found.TryGetProperty(step, out found)))
                    Collect(found, document, names, depth + 1);
            }
            else if (property.Name == "properties" && property.Value.ValueKind == JsonValueKind.Object)
                names.UnionWith(property.Value.EnumerateObject().Select(p => p.Name));
            else
                Collect(property.Value, document, names, depth + 1);
        }
    }
}
