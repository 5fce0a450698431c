using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class GroupRoutesTests
{
    [Fact]
    public async Task Group_createReadUpdateDelete_answersAsTheContractSays()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string entity = await vault.MakeAsync("identity/entity", "{}");
        string child = await vault.MakeAsync("identity/group", """{"name":"child"}""");
        TestResponse made = await vault.WriteAsync("identity/group", $$"""{"name":"Team","policies":["p"],"metadata":{"a":"b"},"member_entity_ids":["{{entity}}"],"member_group_ids":"{{child}}"}""");
        Assert.Equal(200, made.Status);
        Assert.Equal("Team", made.Data.GetProperty("name").GetString());
        string id = made.Data.GetProperty("id").GetString() ?? "";
        JsonElement read = (await vault.ReadAsync("identity/group/name/tEAM")).Data;
        Assert.Equal((id, "internal", 1), (read.GetProperty("id").GetString(), read.GetProperty("type").GetString(), read.GetProperty("modify_index").GetInt32()));
        Assert.Equal("{}", read.GetProperty("alias").GetRawText());
        Assert.Equal([entity], read.Strings("member_entity_ids"));
        Assert.Equal([child], read.Strings("member_group_ids"));
        Assert.Equal([id], (await vault.ReadAsync("identity/group/id/" + child)).Data.Strings("parent_group_ids"));
        Assert.Equal([id], (await vault.ReadAsync("identity/entity/id/" + entity)).Data.Strings("direct_group_ids"));

        Assert.Equal(204, (await vault.WriteAsync("identity/group/name/team", """{"member_entity_ids":[],"member_group_ids":[]}""")).Status);
        read = (await vault.ReadAsync("identity/group/id/" + id)).Data;
        Assert.Equal(2, read.GetProperty("modify_index").GetInt32());
        Assert.Empty(read.Strings("member_entity_ids"));
        Assert.Equal(["p"], read.Strings("policies"));
        Assert.Empty((await vault.ReadAsync("identity/group/id/" + child)).Data.Strings("parent_group_ids"));
        Assert.Equal(204, (await vault.WriteAsync("identity/group", $$"""{"id":"{{id}}","name":"Renamed"}""")).Status);
        Assert.Equal(["child", "Renamed"], await vault.KeysAsync("identity/group/name"));
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + id, """{"name":"CHILD"}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + id, """{"type":"external"}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + id, """{"member_entity_ids":["x"]}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/group", """{"type":"other"}""")).Status);
        Assert.Equal(204, (await vault.DeleteAsync("identity/group/id/" + id)).Status);
        Assert.Equal([child], await vault.KeysAsync("identity/group/id"));
    }

    [Fact]
    public async Task Groups_nested_giveTheirPoliciesDownwards()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("outer", "inner");
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        string inner = await vault.MakeAsync("identity/group", $$"""{"policies":"inner","member_entity_ids":"{{auth.EntityId()}}"}""");
        string middle = await vault.MakeAsync("identity/group", $$"""{"member_group_ids":"{{inner}}"}""");
        string outer = await vault.MakeAsync("identity/group", $$"""{"policies":"outer","member_group_ids":"{{middle}}"}""");
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/inner", auth.Token()));
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/outer", auth.Token()));
        JsonElement entity = (await vault.ReadAsync("identity/entity/id/" + auth.EntityId())).Data;
        Assert.Equal([inner], entity.Strings("direct_group_ids"));
        Assert.Equal([middle, outer], entity.Strings("inherited_group_ids"));
        JsonElement again = await vault.LoginThroughAsync("one", "ann");
        Assert.Equal(["inner", "outer"], again.Strings("identity_policies"));
        await vault.DeleteAsync("identity/group/id/" + middle);
        Assert.Equal(403, await vault.StatusOfReadAsync("kv/outer", auth.Token()));
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/inner", auth.Token()));
        Assert.Empty((await vault.ReadAsync("identity/group/id/" + outer)).Data.Strings("member_group_ids"));
    }

    [Fact]
    public async Task Row003_leavingAGroup_endsItsRightsOnTheNextRequest()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("secret");
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        JsonElement batch = await vault.LoginThroughAsync("one", "ann", """{"token_type":"batch"}""");
        string group = await vault.MakeAsync("identity/group", """{"policies":"secret"}""");
        string parent = await vault.MakeAsync("identity/group", """{"policies":"secret"}""");
        string[] enter = [$$"""{"member_entity_ids":["{{auth.EntityId()}}"]}""", $$"""{"policies":["secret"]}"""];
        async Task AssertAsync(int status)
        {
            Assert.Equal(status, await vault.StatusOfReadAsync("kv/secret", auth.Token()));
            Assert.Equal(status, await vault.StatusOfReadAsync("kv/secret", batch.Token()));
        }
        for (int i = 0; i < 20; i++)
        {
            await AssertAsync(403);
            await vault.OkAsync("identity/group/id/" + group, enter[0]);
            await AssertAsync(200);
            await vault.OkAsync("identity/group/id/" + group, """{"policies":[]}""");
            await AssertAsync(403);
            await vault.OkAsync("identity/group/id/" + parent, $$"""{"member_group_ids":["{{group}}"]}""");
            await AssertAsync(200);
            await vault.OkAsync("identity/group/id/" + parent, """{"member_group_ids":[]}""");
            await AssertAsync(403);
            await vault.OkAsync("identity/group/id/" + group, enter[1]);
            await AssertAsync(200);
            await vault.OkAsync("identity/group/id/" + group, """{"member_entity_ids":[]}""");
        }
        await vault.OkAsync("identity/group/id/" + group, enter[0]);
        await vault.DeleteAsync("identity/group/id/" + group);
        await AssertAsync(403);
    }

    [Fact]
    public async Task Groups_inACircle_areRefused()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string a = await vault.MakeAsync("identity/group", "{}");
        string b = await vault.MakeAsync("identity/group", $$"""{"member_group_ids":["{{a}}"]}""");
        string c = await vault.MakeAsync("identity/group", $$"""{"member_group_ids":["{{b}}"]}""");
        foreach (string member in (string[])[a, b, c])
        {
            TestResponse refused = await vault.WriteAsync("identity/group/id/" + a, $$"""{"member_group_ids":["{{member}}"]}""");
            Assert.Equal(400, refused.Status);
            Assert.Equal($"cyclic relationship detected for member group ID \"{member}\"", refused.Error);
        }
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + a, $$"""{"member_group_ids":["{{Guid.NewGuid()}}"]}""")).Status);
    }

    [Fact]
    public async Task Groups_nestedTooDeep_areRefusedFromAboveAndBelow()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string last = await vault.MakeAsync("identity/group", "{}"), first = last;
        for (int i = 1; i < 32; i++)
            last = await vault.MakeAsync("identity/group", $$"""{"member_group_ids":["{{last}}"]}""");
        Assert.Equal(400, (await vault.WriteAsync("identity/group", $$"""{"member_group_ids":["{{last}}"]}""")).Status);
        string below = await vault.MakeAsync("identity/group", "{}");
        Assert.Equal(400, (await vault.WriteAsync("identity/group/id/" + first, $$"""{"member_group_ids":["{{below}}"]}""")).Status);
    }

    [Fact]
    public async Task Groups_linkedAtOnceFromAllSides_neverCloseACircle()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var ids = new List<string>();
        for (int i = 0; i < 6; i++)
            ids.Add(await vault.MakeAsync("identity/group", "{}"));
        for (int round = 0; round < 20; round++)
        {
            (string Group, string Member)[] links = [.. Enumerable.Range(0, 12).Select(_ => (ids[random.Next(6)], ids[random.Next(6)]))];
            await Task.WhenAll(links.Select(l => Task.Run(() => vault.WriteAsync("identity/group/id/" + l.Group, $$"""{"member_group_ids":["{{l.Member}}"]}"""))));
            var members = new Dictionary<string, string[]>();
            foreach (string id in ids)
                members[id] = (await vault.ReadAsync("identity/group/id/" + id)).Data.Strings("member_group_ids");
            foreach (string id in ids)
            {
                Assert.False(Reaches(members, id, id), $"group {id} is below itself");
                string[] parents = (await vault.ReadAsync("identity/group/id/" + id)).Data.Strings("parent_group_ids");
                Assert.Equal(members.Where(m => m.Value.Contains(id)).Select(m => m.Key).Order(StringComparer.Ordinal), parents.Order(StringComparer.Ordinal));
            }
        }
    }

    private static bool Reaches(Dictionary<string, string[]> members, string from, string to) =>
        members[from].Any(m => m == to || Reaches(members, m, to));
}
