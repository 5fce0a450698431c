using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class EntityAliasRoutesTests
{
    [Fact]
    public async Task Alias_createReadUpdateDelete_answersAsTheContractSays()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string accessor = await vault.AccessorOfAsync("two");
        string entity = await vault.MakeAsync("identity/entity", """{"name":"ann"}""");
        TestResponse made = await vault.WriteAsync("identity/entity-alias", $$"""{"name":"Ann","mount_accessor":"{{accessor}}","canonical_id":"{{entity}}","custom_metadata":{"a":"b"} }""");
        Assert.Equal(200, made.Status);
        Assert.Equal(entity, made.Data.GetProperty("canonical_id").GetString());
        string id = made.Data.GetProperty("id").GetString() ?? "";
        JsonElement read = (await vault.ReadAsync("identity/entity-alias/id/" + id)).Data;
        Assert.Equal(("ann", "auth/two/", "folded"), (read.GetProperty("name").GetString(), read.GetProperty("mount_path").GetString(), read.GetProperty("mount_type").GetString()));
        Assert.Equal("b", read.GetProperty("custom_metadata").GetProperty("a").GetString());
        Assert.Equal([id], await vault.KeysAsync("identity/entity-alias/id"));

        // The same name at the same mount, in another spelling, is the same alias.
        Assert.Equal(id, await vault.MakeAsync("identity/entity-alias", $$"""{"name":"ANN","mount_accessor":"{{accessor}}","custom_metadata":{"c":"d"} }"""));
        JsonElement login = await vault.LoginThroughAsync("two", "aNn", """{"metadata":{"m":"1"}}""");
        Assert.Equal(entity, login.EntityId());
        read = (await vault.ReadAsync("identity/entity-alias/id/" + id)).Data;
        Assert.Equal("""{"c":"d"}""", read.GetProperty("custom_metadata").GetRawText());
        Assert.Equal("""{"m":"1"}""", read.GetProperty("metadata").GetRawText());

        Assert.Equal(200, (await vault.WriteAsync("identity/entity-alias/id/" + id, """{"name":"other"}""")).Status);
        read = (await vault.ReadAsync("identity/entity-alias/id/" + id)).Data;
        Assert.Equal("other", read.GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, read.GetProperty("metadata").ValueKind);
        Assert.NotEqual(entity, (await vault.LoginThroughAsync("two", "ann")).EntityId());

        Assert.Equal(204, (await vault.DeleteAsync("identity/entity-alias/id/" + id)).Status);
        Assert.Equal(404, (await vault.ReadAsync("identity/entity-alias/id/" + id)).Status);
        Assert.Equal(200, (await vault.ReadAsync("identity/entity/id/" + entity)).Status);
    }

    [Theory]
    [InlineData("""{"mount_accessor":"ACCESSOR"}""", "missing alias name")]
    [InlineData("""{"name":"ann"}""", "missing mount_accessor")]
    [InlineData("""{"name":"ann","mount_accessor":"auth_x_1"}""", "invalid mount accessor")]
    [InlineData("""{"name":"ann","mount_accessor":"ACCESSOR","canonical_id":"x"}""", "invalid canonical ID")]
    [InlineData("""{"id":"x","name":"ann"}""", "invalid entity alias ID")]
    public async Task Alias_wrongParameters_areRefusedWithTheReason(string json, string reason)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        TestResponse refused = await vault.WriteAsync("identity/entity-alias", json.Replace("ACCESSOR", await vault.AccessorOfAsync("one"), StringComparison.Ordinal));
        Assert.Equal(400, refused.Status);
        Assert.StartsWith(reason, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alias_secondAtOneMount_isRefused()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string entity = (await vault.LoginThroughAsync("one", "ann")).EntityId();
        string accessor = await vault.AccessorOfAsync("one");
        Assert.Equal(400, (await vault.WriteAsync("identity/entity-alias", $$"""{"name":"ann2","mount_accessor":"{{accessor}}","canonical_id":"{{entity}}"}""")).Status);
        Assert.Equal(200, (await vault.WriteAsync("identity/entity-alias", $$"""{"name":"ann","mount_accessor":"{{await vault.AccessorOfAsync("two")}}","canonical_id":"{{entity}}"}""")).Status);
        Assert.Equal(entity, (await vault.LoginThroughAsync("two", "Ann")).EntityId());
        // Where the method tells names apart by letter case, so does identity.
        Assert.NotEqual(entity, (await vault.LoginThroughAsync("one", "Ann")).EntityId());
    }

    [Fact]
    public async Task Row015_aliasMovedToAnotherEntity_needsRightsOnBoth()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        JsonElement mallory = await vault.LoginThroughAsync("one", "mallory", """{"policies":"aliases"}""");
        string admin = (await vault.LoginThroughAsync("two", "admin")).EntityId();
        string alias = (await vault.ReadAsync("identity/entity/id/" + mallory.EntityId())).Data.GetProperty("aliases")[0].GetProperty("id").GetString() ?? "";
        const string Aliases = """path "identity/entity-alias*" { capabilities = ["create", "read", "update"] } """;
        string own = $$"""path "identity/entity/id/{{mallory.EntityId()}}" { capabilities = ["update"] } """;
        string other = $$"""path "identity/entity/id/{{admin}}" { capabilities = ["update"] } """;
        string move = $$"""{"canonical_id":"{{admin}}"}""";
        string create = $$"""{"name":"back-door","mount_accessor":"{{await vault.AccessorOfAsync("one")}}","canonical_id":"{{admin}}"}""";
        foreach ((string policy, int moves, int creates) in ((string, int, int)[])[(Aliases, 403, 403), (Aliases + own, 403, 403), (Aliases + other, 403, 200), (Aliases + own + other, 200, 200)])
        {
            await vault.PolicyAsync("aliases", policy);
            TestResponse made = await vault.WriteAsync("identity/entity-alias", create, mallory.Token());
            Assert.Equal(creates, made.Status);
            if (made.Status == 200)
                await vault.DeleteAsync("identity/entity-alias/id/" + made.Data.GetProperty("id").GetString());
            Assert.Equal(moves, (await vault.WriteAsync("identity/entity-alias/id/" + alias, move, mallory.Token())).Status);
            Assert.Equal(moves == 200 ? admin : mallory.EntityId(), (await vault.LoginThroughAsync("one", "mallory")).EntityId());
        }
    }

    [Fact]
    public async Task Row016_oneAliasNameAtTwoMounts_keepsTwoMetadata()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string one = (await vault.LoginThroughAsync("one", "ann", """{"metadata":{"from":"one"}}""")).EntityId();
        string two = (await vault.LoginThroughAsync("two", "ann", """{"metadata":{"from":"two"}}""")).EntityId();
        Assert.NotEqual(one, two);
        await vault.LoginThroughAsync("two", "ann", """{"metadata":{"from":"changed"}}""");
        async Task<string?> FromAsync(string id) => (await vault.ReadAsync("identity/entity/id/" + id)).Data.GetProperty("aliases")[0].GetProperty("metadata").GetProperty("from").GetString();
        Assert.Equal("one", await FromAsync(one));
        Assert.Equal("changed", await FromAsync(two));
    }

    [Fact]
    public async Task AuthMount_disabled_takesItsAliasesAndGroupAliasesAway()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string accessor = await vault.AccessorOfAsync("one");
        string group = await vault.MakeAsync("identity/group", """{"type":"external"}""");
        await vault.OkAsync("identity/group-alias", $$"""{"name":"g","mount_accessor":"{{accessor}}","canonical_id":"{{group}}"}""");
        string ann = (await vault.LoginThroughAsync("one", "ann", """{"groups":"g"}""")).EntityId();
        // More than one transaction removes.
        for (int i = 0; i < 450; i++)
            await vault.LoginThroughAsync("one", "user" + i);
        string kept = (await vault.LoginThroughAsync("two", "ann")).EntityId();
        await vault.OkAsync("identity/entity-alias", $$"""{"name":"ann@one","mount_accessor":"{{accessor}}","canonical_id":"{{kept}}"}""");
        Assert.Equal(204, (await vault.DeleteAsync("sys/auth/one")).Status);
        for (int i = 0; i < 500 && (await vault.KeysAsync("identity/entity-alias/id")).Length > 1; i++)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Single(await vault.KeysAsync("identity/entity-alias/id"));
        Assert.Empty(await vault.KeysAsync("identity/group-alias/id"));
        Assert.Equal(JsonValueKind.Array, (await vault.ReadAsync("identity/entity/id/" + ann)).Data.GetProperty("aliases").ValueKind);
        Assert.Equal(1, (await vault.ReadAsync("identity/entity/id/" + kept)).Data.GetProperty("aliases").GetArrayLength());
        Assert.Empty((await vault.ReadAsync("identity/entity/id/" + ann)).Data.Strings("group_ids"));
        // The same path again is another mount.
        await vault.OkAsync("sys/auth/one", """{"type":"named"}""");
        Assert.NotEqual(ann, (await vault.LoginThroughAsync("one", "ann", """{"groups":"g"}""")).EntityId());
    }
}
