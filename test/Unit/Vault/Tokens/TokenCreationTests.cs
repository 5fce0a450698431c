using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenCreationTests
{
    private const string MayCreate = """path "auth/token/create*" { capabilities = ["update"] }""";
    private const string SudoCreate = """path "auth/token/create*" { capabilities = ["update", "sudo"] }""";

    [Fact]
    [Requirement("ACL-3")]
    public async Task Create_withOnePolicy_hasItAndDefault()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.PolicyAsync("app-policy", MayCreate);
        JsonElement auth = await vault.AuthAsync("""{"policies":["APP-policy"]}""");
        Assert.Equal(["app-policy", "default"], auth.Strings("policies"));
        Assert.Equal(["app-policy", "default"], auth.Strings("token_policies"));
        Assert.Equal("service", auth.GetProperty("token_type").GetString());
        Assert.False(auth.GetProperty("orphan").GetBoolean());
        Assert.Equal(2_764_800, auth.GetProperty("lease_duration").GetInt32());
    }

    [Fact]
    public async Task Create_byRootWithoutPolicies_isRootWithoutEnd()
    {
        await using TestVault vault = await TestVault.StartAsync();
        JsonElement auth = await vault.AuthAsync();
        Assert.Equal(["root"], auth.Strings("policies"));
        Assert.Equal(0, auth.GetProperty("lease_duration").GetInt32());
        Assert.False(auth.GetProperty("renewable").GetBoolean());
    }

    [Fact]
    public async Task Create_byExpiringRoot_cannotMakeAnEternalOne()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string root = await vault.TokenAsync("""{"policies":"root","ttl":"1h"}""");
        TestResponse response = await vault.WriteAsync("auth/token/create", "{}", root);
        Assert.Equal((400, "expiring root tokens cannot create non-expiring root tokens"), (response.Status, response.Error));
    }

    [Fact]
    public async Task Create_withUnknownPolicy_warns()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse response = await vault.WriteAsync("auth/token/create", """{"policies":"nowhere"}""");
        Assert.Equal("Policy \"nowhere\" does not exist", response.Json.GetProperty("warnings")[0].GetString());
    }

    [Theory]
    [InlineData("""{"policies":"admin"}""", "child policies must be subset of parent")]
    [InlineData("""{"policies":"root"}""", "child policies must be subset of parent")]
    [InlineData("""{"id":"mine"}""", "root or sudo privileges required to specify token id")]
    [InlineData("""{"no_parent":true}""", "root or sudo privileges required to create orphan token")]
    [InlineData("""{"period":"1h"}""", "root or sudo privileges required to create periodic token")]
    [InlineData("""{"type":"other"}""", "invalid 'token_type' value: use service or batch")]
    [InlineData("""{"num_uses":-1}""", "number of uses cannot be negative")]
    [InlineData("""{"entity_alias":"x"}""", "'entity_alias' is only allowed in combination with token role")]
    [InlineData("""{"type":"batch","num_uses":3}""", "batch tokens cannot have these set: num_uses")]
    [InlineData("""{"policies":"a/b"}""", "policy name holds '/', '\\', '%', ',' or '..': give a name without them")]
    public async Task Create_withoutSudo_isRefused(string json, string error)
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.PolicyAsync("maker", MayCreate);
        string maker = await vault.TokenAsync("""{"policies":"maker"}""");
        TestResponse response = await vault.WriteAsync("auth/token/create", json, maker);
        Assert.Equal((400, error), (response.Status, response.Error));
    }

    [Fact]
    public async Task Create_withSudo_choosesIdPeriodAndOrphan()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.PolicyAsync("maker", SudoCreate);
        string maker = await vault.TokenAsync("""{"policies":"maker"}""");
        JsonElement auth = await vault.AuthAsync("""{"id":"mine","no_parent":true,"period":"1h","policies":"admin"}""", maker);
        Assert.Equal("mine", auth.GetProperty("client_token").GetString());
        Assert.True(auth.GetProperty("orphan").GetBoolean());
        Assert.Equal(["admin", "default"], auth.Strings("policies"));
        TestResponse again = await vault.WriteAsync("auth/token/create", """{"id":"mine"}""", maker);
        Assert.Equal("cannot create a token with a duplicate ID", again.Error);
        TestResponse root = await vault.WriteAsync("auth/token/create", """{"policies":"root"}""", maker);
        Assert.Equal("root tokens may not be created without parent token being root", root.Error);
    }

    [Fact]
    public async Task Create_orphanByItsOwnPath_needsOnlyThatRight()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.PolicyAsync("maker", MayCreate);
        string maker = await vault.TokenAsync("""{"policies":"maker"}""");
        Assert.True((await vault.AuthAsync("{}", maker, "auth/token/create-orphan")).GetProperty("orphan").GetBoolean());
    }

    [Theory]
    [InlineData("response-wrapping")]
    [InlineData("control-group")]
    public async Task Create_withPolicyOfTheServer_isRefusedEvenForRoot(string policy)
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse response = await vault.WriteAsync("auth/token/create", $$"""{"policies":"{{policy}}"}""");
        Assert.Equal((400, $"cannot assign policy \"{policy}\""), (response.Status, response.Error));
    }

    [Fact]
    public async Task Create_metadata_isShownUpToItsLimit()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","meta":{"team":"blue"},"display_name":"ci job"}""");
        JsonElement data = (await vault.ReadAsync("auth/token/lookup-self", token)).Data;
        Assert.Equal("blue", data.GetProperty("meta").GetProperty("team").GetString());
        Assert.Equal("token-ci-job", data.GetProperty("display_name").GetString());
        string big = new('x', 512 * 1024);
        Assert.Equal("'meta' is larger than 512 KiB: send less", (await vault.WriteAsync("auth/token/create", "{\"meta\":{\"k\":\"" + big + "\"}}")).Error);
    }

    [Fact]
    public async Task Create_byLimitedToken_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string limited = await vault.TokenAsync("""{"num_uses":5,"policies":"root"}""");
        Assert.Equal("restricted use token cannot generate child tokens", (await vault.WriteAsync("auth/token/create", "{}", limited)).Error);
    }

    [Fact]
    public async Task Create_capsTheTtlAndSaysSo()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse response = await vault.WriteAsync("auth/token/create", """{"policies":"default","ttl":"1000h"}""");
        Assert.Equal(2_764_800, response.Json.GetProperty("auth").GetProperty("lease_duration").GetInt32());
        Assert.StartsWith("TTL of \"1000h0m0s\" exceeded", response.Json.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_batchTooLongForAHeader_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string json = "{\"policies\":\"default\",\"type\":\"batch\",\"meta\":{\"k\":\"" + new string('x', 8_000) + "\"}}";
        Assert.Equal(400, (await vault.WriteAsync("auth/token/create", json)).Status);
    }
}
