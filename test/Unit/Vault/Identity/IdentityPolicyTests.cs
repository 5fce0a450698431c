using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class IdentityPolicyTests
{
    /// <summary>Spellings of root that some component somewhere might fold into it, as JSON.</summary>
    public static TheoryData<string> Roots => new(
        """["root"]""", "\"root\"", """["ROOT"]""", """["rOoT"]""", """[" root"]""", """["root "]""", """["\troot"]""", """["root\n"]""",
        """["roo\u0074"]""", """["r\u043e\u043et"]""", """["\uff52\uff4f\uff4f\uff54"]""", """["ro\u200bot"]""", """["root\u0000"]""", """["root\u0301"]""",
        """["default","Root"]""", "\"default, root ,x\"", """["root,default"]""", """["./root"]""", """["ro/../root"]""", """["%72oot"]""", """["response-wrapping"]""", """["Control-Group"]""");

    [Theory]
    [MemberData(nameof(Roots))]
    public async Task Row019_rootInAnySpelling_isRefusedOnEntities(string policies)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        Assert.Equal(400, (await vault.WriteAsync("identity/entity/id/" + auth.EntityId(), $$"""{"policies":{{policies}}}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/entity", $$"""{"name":"x","policies":{{policies}}}""")).Status);
        Assert.Equal(404, (await vault.ReadAsync("identity/entity/name/x")).Status);
        Assert.Empty((await vault.ReadAsync("identity/entity/id/" + auth.EntityId())).Data.Strings("policies"));
        Assert.Equal(403, await vault.StatusOfReadAsync("sys/auth", auth.Token()));
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public async Task Row020_rootInAnySpelling_isRefusedOnGroups(string policies)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        string group = await vault.MakeAsync("identity/group", $$"""{"member_entity_ids":"{{auth.EntityId()}}"}""");
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + group, $$"""{"policies":{{policies}}}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/group", $$"""{"name":"x","policies":{{policies}}}""")).Status);
        Assert.Equal(404, (await vault.ReadAsync("identity/group/name/x")).Status);
        Assert.Equal(403, await vault.StatusOfReadAsync("sys/auth", auth.Token()));
    }

    [Fact]
    public async Task Row018_refusedWritesRacingAllowedOnes_neverLeaveRootBehind()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        string path = "identity/entity/id/" + auth.EntityId();
        for (int round = 0; round < 50; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
            {
                TestResponse response = i % 2 == 0
                    ? await vault.WriteAsync(path, """{"policies":["default","root"],"metadata":{"bad":"1"}}""")
                    : await vault.WriteAsync(path, $$"""{"policies":["p{{i}}"]}""");
                Assert.Equal(i % 2 == 0 ? 400 : 204, response.Status);
                Assert.Equal(403, await vault.StatusOfReadAsync("sys/auth", auth.Token()));
            })));
            JsonElement entity = (await vault.ReadAsync(path)).Data;
            Assert.DoesNotContain("root", entity.Strings("policies"));
            Assert.Equal(JsonValueKind.Null, entity.GetProperty("metadata").ValueKind);
        }
    }

    [Fact]
    public async Task EntityPolicies_inOtherLetterCase_areTheSamePolicy()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("team");
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        await vault.OkAsync("identity/entity/id/" + auth.EntityId(), """{"policies":["TEAM","Team"]}""");
        Assert.Equal(["team"], (await vault.ReadAsync("identity/entity/id/" + auth.EntityId())).Data.Strings("policies"));
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/team", auth.Token()));
    }

    [Fact]
    public async Task Row017_templateOfAnAlias_isThatOfTheNamedMount()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.OkAsync("sys/mounts/kv", """{"type":"kv"}""");
        JsonElement auth = await vault.LoginThroughAsync("one", "first", """{"policies":"own","metadata":{"team":"a"}}""");
        string two = await vault.AccessorOfAsync("two");
        await vault.OkAsync("identity/entity-alias", $$"""{"name":"second","mount_accessor":"{{two}}","canonical_id":"{{auth.EntityId()}}","custom_metadata":{"env":"e"} }""");
        await vault.PolicyAsync("own", $$$"""path "kv/{{identity.entity.aliases.{{{two}}}.name}}/{{identity.entity.aliases.{{{two}}}.custom_metadata.env}}" { capabilities = ["create", "update"] }""");
        Assert.Equal(204, (await vault.WriteAsync("kv/second/e", """{"v":"1"}""", auth.Token())).Status);
        Assert.Equal(403, (await vault.WriteAsync("kv/first/e", """{"v":"1"}""", auth.Token())).Status);
        await vault.OkAsync("identity/entity-alias", $$"""{"name":"second","mount_accessor":"{{two}}","custom_metadata":{"env":"f"} }""");
        Assert.Equal(403, (await vault.WriteAsync("kv/second/e", """{"v":"1"}""", auth.Token())).Status);
        Assert.Equal(204, (await vault.WriteAsync("kv/second/f", """{"v":"1"}""", auth.Token())).Status);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("*")]
    [InlineData("a*")]
    [InlineData("+")]
    public async Task Row045_valuesThatChangeAPattern_dropTheRule(string value)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.OkAsync("sys/mounts/kv", """{"type":"kv"}""");
        string one = await vault.AccessorOfAsync("one");
        await vault.PolicyAsync("own", $$$"""
            path "kv/{{identity.entity.name}}/*" { capabilities = ["create", "update"] }
            path "kv/{{identity.entity.metadata.m}}/*" { capabilities = ["create", "update"] }
            path "kv/{{identity.entity.aliases.{{{one}}}.name}}/*" { capabilities = ["create", "update"] }
            path "kv/{{identity.groups.names.g.metadata.m}}/*" { capabilities = ["create", "update"] }
            """);
        await vault.OkAsync("identity/entity", $$"""{"name":"{{value}}","metadata":{"m":"{{value}}"},"policies":"own"}""");
        string id = (await vault.ReadAsync("identity/entity/name/" + value)).Data.GetProperty("id").GetString() ?? "";
        await vault.OkAsync("identity/entity-alias", $$"""{"name":"ann","mount_accessor":"{{one}}","canonical_id":"{{id}}"}""");
        await vault.OkAsync("identity/group", $$"""{"name":"g","metadata":{"m":"{{value}}"},"member_entity_ids":"{{id}}"}""");
        string token = (await vault.LoginThroughAsync("one", "ann")).Token();
        Assert.Equal(204, (await vault.WriteAsync("kv/ann/x", """{"v":"1"}""", token)).Status);
        await vault.OkAsync("identity/entity-alias/id/" + (await vault.KeysAsync("identity/entity-alias/id"))[0], $$"""{"name":"{{value}}"}""");
        foreach (string path in (string[])["kv/ann/x", "kv/a/b/x", "kv/ab/x", "kv/other/x", $"kv/{value}/x"])
            Assert.Equal(403, (await vault.WriteAsync(path, """{"v":"1"}""", token)).Status);
    }

    [Fact]
    public async Task DefaultPolicy_letsAnEntityReadItself()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        JsonElement ann = await vault.LoginThroughAsync("one", "ann"), bob = await vault.LoginThroughAsync("one", "bob");
        Assert.Equal(200, await vault.StatusOfReadAsync("identity/entity/id/" + ann.EntityId(), ann.Token()));
        Assert.Equal(403, await vault.StatusOfReadAsync("identity/entity/id/" + bob.EntityId(), ann.Token()));
    }
}
