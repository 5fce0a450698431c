using System.Text.Json.Nodes;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>Makes the tokens of the walk.</summary>
internal sealed class RouteTokens(TestServer server)
{
    public const string Bogus = "hvs.AAAAAAAAAAAAAAAAAAAAAAAA";

    private const string Everything = """path "*" { capabilities = ["create", "read", "update", "patch", "delete", "list", "scan", "sudo"] }""";

    private int _count;

    /// <summary>A child of the root token with all its rights: the walk may revoke it.</summary>
    public Task<string> RootAsync() => CreateAsync([]);

    public Task<string> DefaultOnlyAsync() => CreateAsync(["default"]);

    public Task<string> ReadOnlyAsync(string path) => WithPolicyAsync($$"""path "{{path}}" { capabilities = ["read"] }""");

    /// <summary>May do everything everywhere, except on the path.</summary>
    public Task<string> DeniedAsync(string path) => WithPolicyAsync(
        $$"""{{Everything}} path "{{path}}" { capabilities = ["deny"] } path "{{path}}/" { capabilities = ["deny"] }""");

    public Task<string> WithoutSudoAsync() => WithPolicyAsync("""path "*" { capabilities = ["create", "read", "update", "patch", "delete", "list", "scan"] }""");

    /// <summary>Sudo is never enough by itself.</summary>
    public Task<string> SudoAloneAsync() => WithPolicyAsync("""path "*" { capabilities = ["sudo"] }""");

    public async Task<string> RevokedAsync()
    {
        string token = await RootAsync();
        Assert.Equal(204, (await server.WriteAsync("auth/token/revoke", new JsonObject { ["token"] = token }.ToJsonString())).Status);
        return token;
    }

    /// <summary>A token with all rights whose time is over when this returns.</summary>
    public async Task<string> ExpiredAsync()
    {
        await PolicyAsync("everything", Everything);
        string token = await CreateAsync(["everything"], "1s");
        Assert.Equal(200, (await server.ReadAsync("auth/token/lookup-self", token)).Status);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        return token;
    }

    public async Task<string> WithPolicyAsync(string text)
    {
        string name = $"walk-{_count++}";
        await PolicyAsync(name, text);
        return await CreateAsync([name]);
    }

    private async Task PolicyAsync(string name, string text)
    {
        TestReply reply = await server.WriteAsync("sys/policies/acl/" + name, new JsonObject { ["policy"] = text }.ToJsonString());
        Assert.True(reply.Status is 200 or 204, reply.Text);
    }

    private async Task<string> CreateAsync(string[] policies, string? ttl = null)
    {
        var body = new JsonObject { ["policies"] = new JsonArray([.. policies.Select(p => (JsonNode)p)]), ["no_default_policy"] = true };
        if (policies.Length == 0)
            body.Remove("policies");
        if (ttl is not null)
            body["ttl"] = ttl;
        TestReply reply = await server.WriteAsync("auth/token/create", body.ToJsonString());
        Assert.True(reply.Status == 200, reply.Text);
        return reply.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
    }
}
