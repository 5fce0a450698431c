using System.Text.Json;
using Candlefish.Secrets.Builtin;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>One operation of one path of the server's own OpenAPI document.</summary>
/// <param name="Template">With placeholders, without <c>/v1/</c>: <c>sys/mounts/{path}</c>.</param>
/// <param name="Fields">Names of the parameters of its body or query.</param>
internal sealed record WalkedRoute(Operation Operation, string Template, bool CanCreate, string[] Fields)
{
    /// <summary>The name in the checked-in lists: <c>UPDATE sys/seal</c>.</summary>
    public string Name => $"{Operation.ToString().ToUpperInvariant()} {Template}";

    /// <summary>The path with every placeholder filled.</summary>
    public string Path => string.Join('/', Template.Split('/').Select(s => s.StartsWith('{') ? "probe" : s));

    public HttpMethod Method => Operation switch
    {
        Operation.Read => HttpMethod.Get,
        Operation.List => new HttpMethod("LIST"),
        Operation.Update => HttpMethod.Post,
        Operation.Patch => HttpMethod.Patch,
        Operation.Delete => HttpMethod.Delete,
        _ => throw new InvalidOperationException($"no method for {Operation}"),
    };

    /// <summary>Ends the walk when it succeeds: root calls it nowhere.</summary>
    public bool EndsTheServer => Template is "sys/seal" or "sys/step-down";

    /// <summary>A server with every engine and auth method mounted, and all its operations.</summary>
    public static async Task<(TestServer Server, WalkedRoute[] Routes)> StartAsync()
    {
        TestServer server = await TestServer.StartAsync();
        BackendCatalog catalog = Builtins.Backends();
        foreach (string type in catalog.TypesOf(MountClass.Secret).Where(t => t != "kv"))
            Assert.True((await server.WriteAsync("sys/mounts/" + type, $$"""{"type":"{{type}}"}""")).Status is 200 or 204, type);
        foreach (string type in catalog.TypesOf(MountClass.Auth))
            Assert.True((await server.WriteAsync("sys/auth/" + type, $$"""{"type":"{{type}}"}""")).Status is 200 or 204, type);
        Assert.Equal(204, (await server.WriteAsync("sys/mounts/kv", """{"type":"kv","options":{"version":"1"}}""")).Status);
        TestReply document = await server.ReadAsync("sys/internal/specs/openapi");
        return (server, [.. document.Json.GetProperty("paths").EnumerateObject().SelectMany(p => Of(p.Name[1..], p.Value))]);
    }

    private static IEnumerable<WalkedRoute> Of(string template, JsonElement item)
    {
        bool canCreate = item.TryGetProperty("x-vault-createSupported", out JsonElement c) && c.GetBoolean();
        if (item.TryGetProperty("get", out JsonElement get))
        {
            JsonElement[] query = get.TryGetProperty("parameters", out JsonElement p) ? [.. p.EnumerateArray()] : [];
            JsonElement list = query.FirstOrDefault(q => q.GetProperty("name").GetString() == "list");
            bool lists = list.ValueKind == JsonValueKind.Object;
            if (!lists || !list.GetProperty("required").GetBoolean())
                yield return new WalkedRoute(Operation.Read, template, canCreate, [.. query.Select(q => q.GetProperty("name").GetString() ?? "").Where(n => n != "list")]);
            if (lists)
                yield return new WalkedRoute(Operation.List, template, canCreate, []);
        }
        if (item.TryGetProperty("post", out JsonElement post))
            yield return new WalkedRoute(Operation.Update, template, canCreate, FieldsOf(post));
        if (item.TryGetProperty("patch", out JsonElement patch))
            yield return new WalkedRoute(Operation.Patch, template, canCreate, FieldsOf(patch));
        if (item.TryGetProperty("delete", out _))
            yield return new WalkedRoute(Operation.Delete, template, canCreate, []);
    }

    private static string[] FieldsOf(JsonElement operation) =>
        operation.TryGetProperty("requestBody", out JsonElement body)
            ? [.. body.GetProperty("content").EnumerateObject().First().Value.GetProperty("schema").GetProperty("properties").EnumerateObject().Select(p => p.Name)]
            : [];
}
