using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>Known holes of the field, tried over HTTP. Each test is named after its row in the table of cases.</summary>
public sealed class SecurityRowTests
{
    private const string Canary = "canary-8d1e42";

    [Fact]
    public async Task Row005_unauthenticatedRead_mountedAndUnmounted_answerAlike()
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach (string? token in new[] { null, RouteTokens.Bogus })
        {
            TestReply mounted = await server.ReadAsync("secret/data/x", token);
            TestReply unmounted = await server.ReadAsync("nothing/data/x", token);
            Assert.Equal(403, mounted.Status);
            Assert.Equal(mounted.Status, unmounted.Status);
            Assert.Equal(mounted.Text, unmounted.Text);
            Assert.Equal(mounted.Headers.Keys.Order(StringComparer.Ordinal), unmounted.Headers.Keys.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Row040_tokenHeader_overEightKibibytes_isRefused()
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach (int length in new[] { 8 * 1024 + 1, 20_000, 60_000 })
        {
            TestReply reply = await server.ReadAsync("secret/data/x", TestServer.RootToken + new string('x', length));
            Assert.True(reply.Status is 400 or 431, $"{length}: {reply.Status}");
        }
    }

    [Fact]
    public async Task Row041_pathTraversal_outOfAGrantedGlob_reachesNothing()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.WriteAsync("secret/data/canary", $$$"""{"data":{"value":"{{{Canary}}}"}}""");
        await server.WriteAsync("secret/data/own/x", """{"data":{"value":"own"}}""");
        string all = "[\"create\", \"read\", \"update\", \"patch\", \"delete\", \"list\", \"scan\"]";
        string token = await new RouteTokens(server).WithPolicyAsync(string.Concat(
            ((string[])["data", "metadata", "delete", "undelete", "destroy", "subkeys"]).Select(k => $"path \"secret/{k}/own/*\" {{ capabilities = {all} }}\n")));
        string[] ways = ["../canary", "%2e%2e/canary", "..%2fcanary", "%2e%2e%2fcanary", "/../canary", "x/../../canary", "x/%2e%2e/%2e%2e/canary", "..%5ccanary", "..\\canary", "%00/../canary", "./../canary", "..;/canary", "%252e%252e/canary", "..%c0%afcanary", "..//canary", "%ef%bc%8e%ef%bc%8e/canary"];
        foreach (string way in ways)
        {
            foreach (string kind in new[] { "data", "metadata", "delete", "destroy", "undelete", "subkeys" })
            {
                string path = $"secret/{kind}/own/{way}";
                foreach (string method in new[] { "GET", "LIST", "DELETE", "POST", "SCAN" })
                {
                    TestReply reply = await server.SendAsync(new HttpMethod(method), path, method == "POST" ? """{"data":{"value":"new"},"versions":[1]}""" : null, token);
                    Assert.True(reply.Status < 500, $"{method} {path}: {reply.Status}");
                    Assert.DoesNotContain(Canary, reply.Text, StringComparison.Ordinal);
                }
            }
        }
        TestReply after = await server.ReadAsync("secret/data/canary");
        Assert.Equal(Canary, after.Data.GetProperty("data").GetProperty("value").GetString());
        Assert.Equal(1, after.Data.GetProperty("metadata").GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData("LIST", "kv/team/private")]
    [InlineData("LIST", "kv/team/private/")]
    [InlineData("GET", "kv/team/private?list=true")]
    [InlineData("GET", "kv/team/private/?list=true")]
    [InlineData("SCAN", "kv/team/private")]
    [InlineData("SCAN", "kv/team/private/")]
    [InlineData("GET", "kv/team/private?scan=true")]
    [InlineData("GET", "kv/team/private/?scan=true")]
    public async Task Row042_listing_withANarrowerDeny_isRefusedInEverySpelling(string method, string path)
    {
        await using TestServer server = await KvServerAsync();
        string token = await new RouteTokens(server).WithPolicyAsync(
            """path "kv/*" { capabilities = ["read", "list", "scan"] } path "kv/team/private/*" { capabilities = ["deny"] }""");
        Assert.Equal(200, (await server.ListAsync("kv/team", token)).Status);
        Assert.Equal(403, (await server.SendAsync(new HttpMethod(method), path, null, token)).Status);
    }

    [Fact]
    public async Task Row044_explicitDeny_stopsEveryLetterCase_andAllowsDoNot()
    {
        await using TestServer server = await KvServerAsync();
        string token = await new RouteTokens(server).WithPolicyAsync(
            """path "kv/*" { capabilities = ["read"] } path "kv/team/private/*" { capabilities = ["deny"] } path "kv/Own/x" { capabilities = ["read"] }""");
        foreach (string path in new[] { "kv/team/private/x", "kv/team/PRIVATE/x", "kv/Team/Private/X", "KV/team/private/x", "kv/TEAM/private/x" })
        {
            Assert.Equal(403, (await server.ReadAsync(path, token)).Status);
        }
        string narrow = await new RouteTokens(server).WithPolicyAsync("""path "kv/team/open" { capabilities = ["read"] }""");
        Assert.Equal(200, (await server.ReadAsync("kv/team/open", narrow)).Status);
        Assert.Equal(403, (await server.ReadAsync("kv/team/OPEN", narrow)).Status);
    }

    [Fact]
    public async Task Row048_parameterValues_hiddenInListsAndTexts_areEachChecked()
    {
        await using TestServer server = await KvServerAsync();
        string token = await new RouteTokens(server).WithPolicyAsync(
            """path "kv/p" { capabilities = ["create", "update"] allowed_parameters = { "policies" = ["a", "b"], "*" = [] } denied_parameters = { "role" = ["root"] } }""");
        foreach (string good in new[] { """{"policies":"a"}""", """{"policies":["a","b"]}""", """{"policies":"a,b"}""", """{"role":"user"}""" })
            Assert.Equal(204, (await server.WriteAsync("kv/p", good, token)).Status);
        foreach (string bad in new[]
        {
            """{"policies":"root"}""", """{"policies":["a","root"]}""", """{"policies":"a,root"}""", """{"policies":[["root"]]}""", """{"policies":["a,root"]}""",
            """{"policies":{"a":"root"}}""", """{"Policies":"root"}""", """{"POLICIES":["root"]}""", """{"policies":"a","Policies":"root"}""",
            """{"role":"root"}""", """{"role":"ROOT"}""", """{"role":" root "}""", """{"role":["user","root"]}""", """{"role":"user,root"}""", """{"role":[["root"]]}""", """{"ROLE":"root"}""",
        })
            Assert.True((await server.WriteAsync("kv/p", bad, token)).Status == 403, bad);
        Assert.Equal(400, (await server.WriteAsync("kv/p", """{"policies":"a","policies":"root"}""", token)).Status);
    }

    [Fact]
    public async Task Row049_internalOperations_cannotBeNamedByAClient()
    {
        await using TestServer server = await KvServerAsync();
        foreach (string name in new[] { "RENEW", "REVOKE", "ROLLBACK", "ALIAS-LOOKAHEAD", "RESOLVE", "HELP", "CREATE", "UPDATE", "TRACE", "CONNECTX" })
        {
            TestReply reply = await server.SendAsync(new HttpMethod(name), "kv/team/open");
            Assert.True(reply.Status is 400 or 405, $"{name}: {reply.Status}");
        }
        foreach (string name in new[] { "renew", "revoke", "rollback", "alias-lookahead", "delete" })
        {
            (string, string)[] headers = [("X-HTTP-Method-Override", name), ("X-Vault-Operation", name), ("X-Method-Override", name)];
            TestReply reply = await server.SendAsync(HttpMethod.Get, $"kv/team/open?operation={name}&_method={name}", null, TestServer.RootToken, headers);
            Assert.Equal("o", reply.Data.GetProperty("v").GetString());
        }
        Assert.Equal(200, (await server.ReadAsync("kv/team/open")).Status);
    }

    /// <summary>A living token, and a namespace header that some reader could take for the root: the root itself, or refused.</summary>
    [Theory]
    [InlineData("root")]
    [InlineData("root/")]
    [InlineData("/root/")]
    [InlineData("ROOT")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("%2f")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("root/root")]
    public async Task Row050_namespaceHeader_spelledLikeTheRoot_isTheRootOrRefused(string ns)
    {
        await using TestServer server = await KvServerAsync();
        TestReply reply = await server.SendAsync(HttpMethod.Get, "kv/team/open", null, TestServer.RootToken, ("X-Vault-Namespace", ns));
        Assert.True(reply.Status is 200 or 400 or 403 or 404, $"{reply.Status}");
        TestReply written = await server.SendAsync(HttpMethod.Post, "kv/ns", """{"v":"1"}""", TestServer.RootToken, ("X-Vault-Namespace", ns));
        bool isThere = (await server.ReadAsync("kv/ns")).Status == 200;
        Assert.Equal(reply.Status == 200, written.Status == 204);
        Assert.Equal(written.Status == 204, isThere);
        string narrow = await new RouteTokens(server).WithPolicyAsync("""path "kv/other" { capabilities = ["read"] }""");
        Assert.NotEqual(200, (await server.SendAsync(HttpMethod.Get, "kv/team/open", null, narrow, ("X-Vault-Namespace", ns))).Status);
    }

    [Theory]
    [InlineData("sys/revoke", "sys/leases/revoke")]
    [InlineData("sys/renew", "sys/leases/renew")]
    [InlineData("sys/revoke-prefix/kv", "sys/leases/revoke-prefix/kv")]
    [InlineData("sys/revoke-force/kv", "sys/leases/revoke-force/kv")]
    public async Task Row051_legacyLeasePaths_areDecidedByTheirCurrentName(string legacy, string current)
    {
        await using TestServer server = await TestServer.StartAsync();
        var tokens = new RouteTokens(server);
        string onlyLegacy = await tokens.WithPolicyAsync($$"""path "{{legacy}}" { capabilities = ["create", "update", "sudo"] }""");
        string denied = await tokens.WithPolicyAsync(
            $$"""path "*" { capabilities = ["create", "update", "sudo"] } path "{{current}}" { capabilities = ["deny"] }""");
        string allowed = await tokens.WithPolicyAsync($$"""path "{{current}}" { capabilities = ["create", "update", "sudo"] }""");
        const string body = """{"lease_id":"kv/x/none"}""";
        Assert.Equal(403, (await server.WriteAsync(legacy, body, onlyLegacy)).Status);
        Assert.Equal(403, (await server.WriteAsync(legacy, body, denied)).Status);
        Assert.Equal((await server.WriteAsync(current, body, allowed)).Status, (await server.WriteAsync(legacy, body, allowed)).Status);
        Assert.NotEqual(403, (await server.WriteAsync(legacy, body, allowed)).Status);
    }

    private static async Task<TestServer> KvServerAsync()
    {
        TestServer server = await TestServer.StartAsync();
        Assert.Equal(204, (await server.WriteAsync("sys/mounts/kv", """{"type":"kv","options":{"version":"1"}}""")).Status);
        foreach (string key in new[] { "team/open", "team/private/x", "team/PRIVATE/x", "Team/Private/X", "TEAM/private/x", "team/OPEN" })
            Assert.Equal(204, (await server.WriteAsync("kv/" + key, """{"v":"o"}""")).Status);
        return server;
    }
}
