using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class EntityRoutesTests
{
    [Fact]
    public async Task Entity_createReadUpdateDelete_answersAsTheContractSays()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        TestResponse made = await vault.WriteAsync("identity/entity", """{"name":"Ann","policies":"b,a","metadata":{"team":"x"}}""");
        Assert.Equal(200, made.Status);
        Assert.Equal(JsonValueKind.Null, made.Data.GetProperty("aliases").ValueKind);
        Assert.Equal("Ann", made.Data.GetProperty("name").GetString());
        string id = made.Data.GetProperty("id").GetString() ?? "";

        JsonElement read = (await vault.ReadAsync("identity/entity/id/" + id)).Data;
        Assert.Equal(["a", "b"], read.Strings("policies"));
        Assert.Equal("x", read.GetProperty("metadata").GetProperty("team").GetString());
        Assert.Equal("root", read.GetProperty("namespace_id").GetString());
        Assert.Equal(JsonValueKind.Null, read.GetProperty("merged_entity_ids").ValueKind);
        Assert.Empty(read.Strings("group_ids"));
        Assert.Equal(id, (await vault.ReadAsync("identity/entity/name/aNN")).Data.GetProperty("id").GetString());

        vault.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(204, (await vault.WriteAsync("identity/entity/name/ann", """{"metadata":{"level":"2"}}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync("identity/entity/id/" + id, """{"name":"Anna"}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync("identity/entity", $$"""{"id":"{{id}}","disabled":"true"}""")).Status);
        read = (await vault.ReadAsync("identity/entity/id/" + id)).Data;
        Assert.Equal("Anna", read.GetProperty("name").GetString());
        Assert.True(read.GetProperty("disabled").GetBoolean());
        Assert.Equal("""{"level":"2"}""", read.GetProperty("metadata").GetRawText());
        Assert.Equal(["a", "b"], read.Strings("policies"));
        Assert.NotEqual(read.GetProperty("creation_time").GetString(), read.GetProperty("last_update_time").GetString());
        Assert.Equal([id], await vault.KeysAsync("identity/entity/id"));
        Assert.Equal(["Anna"], await vault.KeysAsync("identity/entity/name"));
        Assert.Equal(404, (await vault.ReadAsync("identity/entity/name/ann")).Status);

        Assert.Equal(204, (await vault.DeleteAsync("identity/entity/name/ANNA")).Status);
        Assert.Equal(204, (await vault.DeleteAsync("identity/entity/id/" + id)).Status);
        Assert.Equal(404, (await vault.ReadAsync("identity/entity/id/" + id)).Status);
        Assert.Equal(404, (await vault.ListAsync("identity/entity/id")).Status);
    }

    [Fact]
    public async Task Entity_withoutName_getsAFreeOne()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        TestResponse made = await vault.WriteAsync("identity/entity");
        Assert.Matches("^entity_[0-9a-f]{8}$", made.Data.GetProperty("name").GetString());
        Assert.Equal(400, (await vault.WriteAsync("identity/entity/id/00000000-0000-4000-8000-000000000000")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/entity", """{"id":"../../policy/x"}""")).Status);
    }

    [Theory]
    [InlineData("BOB", "bob")]
    [InlineData("ÄNNE", "änne")]
    [InlineData("\u212Aelvin", "kelvin")]
    public async Task Row043_entityName_isOneNameInEveryLetterCase(string other, string name)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string id = await vault.MakeAsync("identity/entity", $$"""{"name":"{{name}}"}""");
        string second = await vault.MakeAsync("identity/entity", """{"name":"second"}""");
        Assert.Equal(204, (await vault.WriteAsync("identity/entity", $$"""{"name":"{{other}}"}""")).Status);
        Assert.Equal(id, (await vault.ReadAsync("identity/entity/name/" + other)).Data.GetProperty("id").GetString());
        TestResponse taken = await vault.WriteAsync("identity/entity/id/" + second, $$"""{"name":"{{other}}"}""");
        Assert.Equal(400, taken.Status);
        Assert.Equal("entity name is already in use", taken.Error);
        Assert.Equal(2, (await vault.KeysAsync("identity/entity/name")).Length);
    }

    [Theory]
    [InlineData("entity")]
    [InlineData("group")]
    public async Task Row043_denyOnAName_holdsForItInEveryLetterCase(string kind)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.OkAsync($"identity/{kind}", """{"name":"Admin","metadata":{"m":"1"}}""");
        await vault.PolicyAsync("p", $$"""
            path "identity/{{kind}}/name/*" { capabilities = ["read", "update", "delete"] }
            path "identity/{{kind}}/name/Admin" { capabilities = ["deny"] }
            path "identity/{{kind}}/name/new" { capabilities = ["deny"] }
            """);
        string token = await vault.TokenAsync("""{"policies":"p"}""");
        foreach (string name in (string[])["Admin", "admin", "ADMIN", "NEW", "new"])
        {
            Assert.Equal(403, (await vault.WriteAsync($"identity/{kind}/name/{name}", """{"metadata":{"m":"2"}}""", token)).Status);
            Assert.Equal(403, (await vault.ReadAsync($"identity/{kind}/name/{name}", token)).Status);
            Assert.Equal(403, (await vault.DeleteAsync($"identity/{kind}/name/{name}", token)).Status);
        }
        Assert.Equal("1", (await vault.ReadAsync($"identity/{kind}/name/admin")).Data.GetProperty("metadata").GetProperty("m").GetString());
        Assert.Equal(200, (await vault.WriteAsync($"identity/{kind}/name/Other", "{}", token)).Status);
        Assert.Equal(200, (await vault.ReadAsync($"identity/{kind}/name/OTHER", token)).Status);
    }

    [Theory]
    [InlineData(" bob")]
    [InlineData("bob ")]
    [InlineData("b\\u0301ob")]
    [InlineData("b\\u200bob")]
    [InlineData("b\\u0000ob")]
    [InlineData("b\\ud800")]
    public async Task EntityName_withTwoSpellings_isRefused(string json)
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync("identity/entity", $$"""{"name":"{{json}}"}""")).Status);
        Assert.Empty(await vault.KeysAsync("identity/entity/id"));
    }

    [Fact]
    public async Task Names_withSlashesAndBlanks_areFoundListedAndPaged()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        foreach (string name in (string[])["team/App", "b c", "ä", "100%"])
            await vault.MakeAsync("identity/entity", $$"""{"name":"{{name}}"}""");
        Assert.Equal(200, (await vault.ReadAsync("identity/entity/name/TEAM/app")).Status);
        Assert.Equal(["100%", "b c", "team/App", "ä"], (await vault.KeysAsync("identity/entity/name")).Order(StringComparer.Ordinal));
        Assert.Equal(["team/App"], (await vault.SendAsync(Candlefish.Secrets.Vault.Requests.Operation.List, "identity/entity/name", """{"after":"B C","limit":1}""")).Data.Strings("keys"));
    }

    [Fact]
    public async Task Metadata_overItsLimits_isRefused()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string many = string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"k{i}\":\"v\""));
        Assert.Equal(400, (await vault.WriteAsync("identity/entity", "{\"metadata\":{" + many + "}}")).Status);
        Assert.Equal(400, (await vault.WriteAsync("identity/entity", "{\"metadata\":{\"k\":\"" + new string('v', 513) + "\"}}")).Status);
        Assert.Equal(200, (await vault.WriteAsync("identity/entity", "{\"metadata\":[\"a=b\"]}")).Status);
    }

    [Fact]
    public async Task Row054_batchDeleteWithOneForeignId_deletesNothing()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string a = await vault.MakeAsync("identity/entity", "{}"), b = await vault.MakeAsync("identity/entity", "{}");
        string foreign = Guid.NewGuid().ToString();
        TestResponse refused = await vault.WriteAsync("identity/entity/batch-delete", $$"""{"entity_ids":["{{a}}","{{foreign}}","{{b}}"]}""");
        Assert.Equal(400, refused.Status);
        Assert.DoesNotContain(foreign, refused.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await vault.KeysAsync("identity/entity/id")).Length);
        Assert.Equal(204, (await vault.WriteAsync("identity/entity/batch-delete", $$"""{"entity_ids":"{{a}},{{b}}"}""")).Status);
        Assert.Empty(await vault.KeysAsync("identity/entity/id"));
        Assert.Empty(await vault.KeysAsync("identity/entity/name"));
        Assert.Equal(400, (await vault.WriteAsync("identity/entity/batch-delete")).Status);
    }

    [Fact]
    public async Task Entity_disabledOrDeleted_refusesItsTokensAndLoginsAtOnce()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        Assert.True(await vault.IsAliveAsync(auth.Token()));
        await vault.OkAsync("identity/entity/id/" + auth.EntityId(), """{"disabled":true}""");
        Assert.False(await vault.IsAliveAsync(auth.Token()));
        Assert.Equal(403, (await vault.WriteAsync("auth/one/login/ann", "{}", "")).Status);
        await vault.OkAsync("identity/entity/id/" + auth.EntityId(), """{"disabled":false}""");
        Assert.True(await vault.IsAliveAsync(auth.Token()));
        await vault.DeleteAsync("identity/entity/id/" + auth.EntityId());
        Assert.False(await vault.IsAliveAsync(auth.Token()));
        Assert.NotEqual(auth.EntityId(), (await vault.LoginThroughAsync("one", "ann")).EntityId());
    }

    [Fact]
    public async Task Lookup_byEveryCriterion_findsOneOrAnswers204()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string id = (await vault.LoginThroughAsync("two", "Ann")).EntityId();
        string accessor = await vault.AccessorOfAsync("two");
        JsonElement entity = (await vault.WriteAsync("identity/lookup/entity", $$"""{"id":"{{id}}"}""")).Data;
        string name = entity.GetProperty("name").GetString() ?? "";
        string alias = entity.GetProperty("aliases")[0].GetProperty("id").GetString() ?? "";
        foreach (string query in (string[])[$$"""{"name":"{{name.ToUpperInvariant()}}"}""", $$"""{"alias_id":"{{alias}}"}""", $$"""{"alias_name":"ANN","alias_mount_accessor":"{{accessor}}"}"""])
            Assert.Equal(id, (await vault.WriteAsync("identity/lookup/entity", query)).Data.GetProperty("id").GetString());
        foreach (string query in (string[])["""{"id":"x"}""", """{"name":"nobody"}""", """{"alias_id":"x"}""", """{"alias_name":"ann","alias_mount_accessor":"no/\u0000such"}"""])
            Assert.Equal(204, (await vault.WriteAsync("identity/lookup/entity", query)).Status);
        foreach (string query in (string[])["{}", """{"alias_name":"ann"}""", $$"""{"id":"{{id}}","name":"{{name}}"}"""])
            Assert.Equal(400, (await vault.WriteAsync("identity/lookup/entity", query)).Status);
        Assert.Equal(204, (await vault.WriteAsync("identity/lookup/group", """{"name":"nobody"}""")).Status);
    }
}
