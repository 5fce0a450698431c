using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class ExternalGroupTests
{
    [Fact]
    public async Task Login_withGroups_joinsAndLeavesThoseOfItsMountOnly()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("devs", "ops");
        string one = await vault.AccessorOfAsync("one"), two = await vault.AccessorOfAsync("two");
        string devs = await GroupAsync(vault, "devs", one, "cn=devs"), ops = await GroupAsync(vault, "ops", two, "cn=devs");
        JsonElement auth = await vault.LoginThroughAsync("one", "ann", """{"groups":["cn=devs","cn=unknown"]}""");
        Assert.Equal(["devs"], auth.Strings("identity_policies"));
        Assert.Contains("devs", auth.Strings("policies"));
        Assert.DoesNotContain("devs", auth.Strings("token_policies"));
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/devs", auth.Token()));
        Assert.Equal(403, await vault.StatusOfReadAsync("kv/ops", auth.Token()));
        Assert.Equal([auth.EntityId()], (await vault.ReadAsync("identity/group/id/" + devs)).Data.Strings("member_entity_ids"));

        await vault.OkAsync("identity/entity-alias", $$"""{"name":"ann","mount_accessor":"{{two}}","canonical_id":"{{auth.EntityId()}}"}""");
        await vault.LoginThroughAsync("two", "ann", """{"groups":["cn=devs"]}""");
        Assert.Equal([devs, ops], (await vault.ReadAsync("identity/entity/id/" + auth.EntityId())).Data.Strings("direct_group_ids").OrderBy(g => g != devs));
        await vault.LoginThroughAsync("one", "ann");
        Assert.Equal(403, await vault.StatusOfReadAsync("kv/devs", auth.Token()));
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/ops", auth.Token()));
        Assert.Empty((await vault.ReadAsync("identity/group/id/" + devs)).Data.Strings("member_entity_ids"));
    }

    [Theory]
    [InlineData("group-alias deleted")]
    [InlineData("group-alias renamed")]
    [InlineData("group-alias moved")]
    [InlineData("entity-alias deleted")]
    [InlineData("entity-alias moved")]
    [InlineData("group deleted")]
    public async Task Row003_whateverEndsAMembership_endsItsRightsOnTheNextRequest(string how)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("devs");
        string accessor = await vault.AccessorOfAsync("one");
        string group = await GroupAsync(vault, "devs", accessor, "g");
        JsonElement auth = await vault.LoginThroughAsync("one", "ann", """{"groups":"g"}""");
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/devs", auth.Token()));
        string groupAlias = (await vault.KeysAsync("identity/group-alias/id"))[0], entityAlias = (await vault.KeysAsync("identity/entity-alias/id"))[0];
        switch (how)
        {
            case "group-alias deleted":
                await vault.DeleteAsync("identity/group-alias/id/" + groupAlias);
                break;
            case "group-alias renamed":
                await vault.OkAsync("identity/group-alias/id/" + groupAlias, """{"name":"h"}""");
                break;
            case "group-alias moved":
                string other = await vault.MakeAsync("identity/group", """{"type":"external"}""");
                await vault.OkAsync("identity/group-alias/id/" + groupAlias, $$"""{"canonical_id":"{{other}}"}""");
                break;
            case "entity-alias deleted":
                await vault.DeleteAsync("identity/entity-alias/id/" + entityAlias);
                break;
            case "entity-alias moved":
                string entity = await vault.MakeAsync("identity/entity", "{}");
                await vault.OkAsync("identity/entity-alias/id/" + entityAlias, $$"""{"canonical_id":"{{entity}}"}""");
                break;
            default:
                await vault.DeleteAsync("identity/group/id/" + group);
                break;
        }
        Assert.Equal(403, await vault.StatusOfReadAsync("kv/devs", auth.Token()));
        Assert.Empty((await vault.ReadAsync("identity/entity/id/" + auth.EntityId())).Data.Strings("group_ids"));
        // Putting the old alias back does not bring back who was a member before.
        if (how is "group-alias renamed")
        {
            await vault.OkAsync("identity/group-alias/id/" + groupAlias, """{"name":"g"}""");
            Assert.Equal(403, await vault.StatusOfReadAsync("kv/devs", auth.Token()));
        }
    }

    [Fact]
    public async Task GroupAlias_routes_answerAsTheContractSays()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string accessor = await vault.AccessorOfAsync("one");
        TestResponse made = await vault.WriteAsync("identity/group-alias", $$"""{"name":"g","mount_accessor":"{{accessor}}"}""");
        string id = made.Data.GetProperty("id").GetString() ?? "", group = made.Data.GetProperty("canonical_id").GetString() ?? "";
        Assert.Equal("external", (await vault.ReadAsync("identity/group/id/" + group)).Data.GetProperty("type").GetString());
        Assert.Equal(id, (await vault.ReadAsync("identity/group/id/" + group)).Data.GetProperty("alias").GetProperty("id").GetString());
        JsonElement read = (await vault.ReadAsync("identity/group-alias/id/" + id)).Data;
        Assert.Equal(("g", group, accessor), (read.GetProperty("name").GetString(), read.GetProperty("canonical_id").GetString(), read.GetProperty("mount_accessor").GetString()));
        Assert.Equal(id, await vault.MakeAsync("identity/group-alias", $$"""{"name":"g","mount_accessor":"{{accessor}}"}"""));
        Assert.Equal(group, (await vault.WriteAsync("identity/lookup/group", $$"""{"alias_name":"g","alias_mount_accessor":"{{accessor}}"}""")).Data.GetProperty("id").GetString());
        Assert.Equal(group, (await vault.WriteAsync("identity/lookup/group", $$"""{"alias_id":"{{id}}"}""")).Data.GetProperty("id").GetString());
        string isInternal = await vault.MakeAsync("identity/group", "{}");
        Assert.Equal(400, (await vault.WriteAsync("identity/group-alias", $$"""{"name":"h","mount_accessor":"{{accessor}}","canonical_id":"{{isInternal}}"}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/group-alias", $$"""{"name":"h","mount_accessor":"{{accessor}}","canonical_id":"{{group}}"}""")).Status);
        string entity = await vault.MakeAsync("identity/entity", "{}");
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + group, $$"""{"member_entity_ids":["{{entity}}"]}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + group, $$"""{"member_group_ids":["{{isInternal}}"]}""")).Status);
        Assert.Equal(204, (await vault.DeleteAsync("identity/group-alias/id/" + id)).Status);
        Assert.Equal(404, (await vault.ReadAsync("identity/group-alias/id/" + id)).Status);
    }

    [Fact]
    public async Task Row015_groupAliasPutOnAnExistingGroup_needsRightsOnIt()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string admins = await vault.MakeAsync("identity/group", """{"type":"external","name":"admins"}""");
        await vault.PolicyAsync("p", """path "identity/group-alias*" { capabilities = ["update"] }""");
        JsonElement mallory = await vault.LoginThroughAsync("one", "mallory", """{"policies":"p"}""");
        string body = $$"""{"name":"everybody","mount_accessor":"{{await vault.AccessorOfAsync("one")}}","canonical_id":"{{admins}}"}""";
        Assert.Equal(403, (await vault.WriteAsync("identity/group-alias", body, mallory.Token())).Status);
        Assert.Empty(await vault.KeysAsync("identity/group-alias/id"));
        await vault.PolicyAsync("p", """path "identity/group-alias*" { capabilities = ["update"] } path "identity/group/name/admins" { capabilities = ["update"] }""");
        Assert.Equal(200, (await vault.WriteAsync("identity/group-alias", body, mallory.Token())).Status);
    }

    private static async Task<string> GroupAsync(TestVault vault, string name, string accessor, string alias)
    {
        string id = await vault.MakeAsync("identity/group", $$"""{"name":"{{name}}","type":"external","policies":"{{name}}"}""");
        await vault.OkAsync("identity/group-alias", $$"""{"name":"{{alias}}","mount_accessor":"{{accessor}}","canonical_id":"{{id}}"}""");
        return id;
    }
}
