using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class EntityMergeTests
{
    [Fact]
    public async Task Merge_movesAliasesGroupsAndTokens()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("of-target", "of-source", "of-group");
        JsonElement source = await vault.LoginThroughAsync("one", "ann"), target = await vault.LoginThroughAsync("two", "ann");
        await vault.OkAsync("identity/entity/id/" + source.EntityId(), """{"policies":"of-source"}""");
        await vault.OkAsync("identity/entity/id/" + target.EntityId(), """{"policies":"of-target"}""");
        string group = await vault.MakeAsync("identity/group", $$"""{"policies":"of-group","member_entity_ids":"{{source.EntityId()}}"}""");
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/of-source", source.Token()));

        Assert.Equal(204, (await vault.WriteAsync("identity/entity/merge", $$"""{"from_entity_ids":["{{source.EntityId()}}"],"to_entity_id":"{{target.EntityId()}}"}""")).Status);
        foreach (string token in (string[])[source.Token(), target.Token()])
        {
            Assert.Equal(200, await vault.StatusOfReadAsync("kv/of-target", token));
            Assert.Equal(200, await vault.StatusOfReadAsync("kv/of-group", token));
            Assert.Equal(403, await vault.StatusOfReadAsync("kv/of-source", token));
        }
        JsonElement merged = (await vault.ReadAsync("identity/entity/id/" + target.EntityId())).Data;
        Assert.Equal([source.EntityId()], merged.Strings("merged_entity_ids"));
        Assert.Equal([group], merged.Strings("direct_group_ids"));
        Assert.Equal(2, merged.GetProperty("aliases").GetArrayLength());
        Assert.Equal(404, (await vault.ReadAsync("identity/entity/id/" + source.EntityId())).Status);
        Assert.Equal([target.EntityId()], (await vault.ReadAsync("identity/group/id/" + group)).Data.Strings("member_entity_ids"));
        Assert.Equal(target.EntityId(), (await vault.LoginThroughAsync("one", "ann")).EntityId());

        // Tokens follow a second merge, and changes of what they were merged into.
        string last = await vault.MakeAsync("identity/entity", """{"policies":"of-source"}""");
        await vault.OkAsync("identity/entity/merge", $$"""{"from_entity_ids":["{{target.EntityId()}}"],"to_entity_id":"{{last}}"}""");
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/of-source", source.Token()));
        await vault.OkAsync("identity/entity/id/" + last, """{"policies":[]}""");
        Assert.Equal(403, await vault.StatusOfReadAsync("kv/of-source", source.Token()));
        await vault.DeleteAsync("identity/entity/id/" + last);
        Assert.False(await vault.IsAliveAsync(source.Token()));
    }

    [Fact]
    public async Task Merge_aliasesAtOneMount_needsAChoice()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string from = (await vault.LoginThroughAsync("one", "old")).EntityId(), to = (await vault.LoginThroughAsync("one", "new")).EntityId();
        string kept = (await vault.ReadAsync("identity/entity/id/" + from)).Data.GetProperty("aliases")[0].GetProperty("id").GetString() ?? "";
        string lost = (await vault.ReadAsync("identity/entity/id/" + to)).Data.GetProperty("aliases")[0].GetProperty("id").GetString() ?? "";
        string plain = $$"""{"from_entity_ids":["{{from}}"],"to_entity_id":"{{to}}","force":true}""";
        TestResponse refused = await vault.WriteAsync("identity/entity/merge", plain);
        Assert.Equal(400, refused.Status);
        Assert.Contains("conflicting_alias_ids_to_keep", refused.Error, StringComparison.Ordinal);
        Assert.Equal(400, (await vault.WriteAsync("identity/entity/merge", $$"""{"from_entity_ids":["{{from}}"],"to_entity_id":"{{to}}","conflicting_alias_ids_to_keep":["{{kept}}","{{lost}}"]}""")).Status);
        Assert.Equal(2, (await vault.KeysAsync("identity/entity/id")).Length);
        Assert.Equal(204, (await vault.WriteAsync("identity/entity/merge", $$"""{"from_entity_ids":["{{from}}"],"to_entity_id":"{{to}}","conflicting_alias_ids_to_keep":["{{kept}}"]}""")).Status);
        Assert.Equal(to, (await vault.LoginThroughAsync("one", "old")).EntityId());
        Assert.Equal([kept], (await vault.KeysAsync("identity/entity-alias/id")));
        Assert.NotEqual(to, (await vault.LoginThroughAsync("one", "new")).EntityId());
    }

    [Fact]
    public async Task Merge_wrongIds_changesNothing()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string id = await vault.MakeAsync("identity/entity", "{}");
        foreach (string body in (string[])["{}", $$"""{"from_entity_ids":["{{id}}"]}""", $$"""{"from_entity_ids":["{{id}}"],"to_entity_id":"{{id}}"}""", $$"""{"from_entity_ids":["x"],"to_entity_id":"{{id}}"}""", $$"""{"from_entity_ids":["{{id}}"],"to_entity_id":"x"}"""])
            Assert.Equal(400, (await vault.WriteAsync("identity/entity/merge", body)).Status);
        Assert.Equal([id], await vault.KeysAsync("identity/entity/id"));
    }
}
