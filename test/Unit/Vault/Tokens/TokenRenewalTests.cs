using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenRenewalTests
{
    [Fact]
    public async Task Renew_countsTheIncrementFromNow()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","ttl":"1h"}""");
        vault.Time.Advance(TimeSpan.FromMinutes(50));
        TestResponse response = await vault.WriteAsync("auth/token/renew-self", """{"increment":"30m"}""", token);
        Assert.Equal(1800, response.Json.GetProperty("auth").GetProperty("lease_duration").GetInt32());
        Assert.Equal(token, response.Json.GetProperty("auth").GetProperty("client_token").GetString());
        vault.Time.Advance(TimeSpan.FromMinutes(29));
        JsonElement shown = (await vault.ReadAsync("auth/token/lookup-self", token)).Data;
        Assert.Equal(60, shown.GetProperty("ttl").GetInt32());
        Assert.Equal("2026-01-01T00:50:00Z", shown.GetProperty("last_renewal").GetString());
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await vault.IsAliveAsync(token));
    }

    [Fact]
    public async Task Renew_ofAPeriodicToken_givesThePeriodForEver()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","period":"24h"}""");
        for (int day = 0; day < 60; day++)
        {
            vault.Time.Advance(TimeSpan.FromHours(23));
            TestResponse response = await vault.WriteAsync("auth/token/renew-self", """{"increment":"1h"}""", token);
            Assert.Equal(86_400, response.Json.GetProperty("auth").GetProperty("lease_duration").GetInt32());
        }
    }

    [Fact]
    public async Task Renew_ofAPeriodicTokenWithExplicitMaximum_endsThere()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","period":"24h","explicit_max_ttl":"36h"}""");
        vault.Time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(13 * 3600, (await vault.WriteAsync("auth/token/renew-self", "{}", token)).Json.GetProperty("auth").GetProperty("lease_duration").GetInt32());
        vault.Time.Advance(TimeSpan.FromHours(13));
        Assert.False(await vault.IsAliveAsync(token));
    }

    [Theory]
    [InlineData("""{"policies":"default","ttl":"1h","renewable":false}""")]
    [InlineData("""{"policies":"root"}""")]
    public async Task Renew_ofWhatIsNotRenewable_isRefused(string json)
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync(json);
        TestResponse response = await vault.WriteAsync("auth/token/renew-self", "{}", token);
        Assert.Equal((400, "lease is not renewable"), (response.Status, response.Error));
    }

    /// <summary>CVE-2021-32923: renewed within the last second of the maximum, a token became immortal.</summary>
    [Theory]
    [InlineData(1_000)]
    [InlineData(1)]
    public async Task Row058_tokenRenewedJustBeforeItsMaximum_endsAtTheMaximum(int millisecondsBefore)
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","ttl":"1h","explicit_max_ttl":"1h"}""");
        vault.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(millisecondsBefore));
        TestResponse response = await vault.WriteAsync("auth/token/renew-self", """{"increment":"10h"}""", token);
        Assert.Equal(200, response.Status);
        Assert.True(await vault.IsAliveAsync(token));
        vault.Time.Advance(TimeSpan.FromMilliseconds(millisecondsBefore));
        Assert.False(await vault.IsAliveAsync(token));
        Assert.Equal(403, (await vault.WriteAsync("auth/token/renew-self", "{}", token)).Status);
    }

    [Fact]
    public async Task Clock_setBackTenYears_lengthensNoLife()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","ttl":"1h"}""");
        vault.Time.JumpWallClock(TimeSpan.FromDays(-3_650));
        Assert.True(await vault.IsAliveAsync(token));
        vault.Time.Advance(TimeSpan.FromHours(1));
        Assert.False(await vault.IsAliveAsync(token));
        Assert.Equal("token not found", (await vault.WriteAsync("auth/token/renew", $$"""{"token":"{{token}}"}""")).Error);
    }

    [Fact]
    public async Task Renew_ofALogin_followsTheMethod()
    {
        var method = new OpenDoorAuth();
        await using TestVault vault = await TestVault.StartAsync(backends: b => b.AuthMethod("open", (_, _) => method));
        await vault.WriteAsync("sys/auth/door", """{"type":"open"}""");
        string token = await vault.TokenAsync("""{"token_policies":"a","token_ttl":"1h"}""", "", "auth/door/login/ann");
        method.Renewals = new RenewalTerms(TimeSpan.FromHours(5), TimeSpan.FromHours(3), TimeSpan.Zero, ["a", "default"]);
        Assert.Equal(3 * 3600, await RenewAsync(vault, token));
        method.Renewals = new RenewalTerms(TimeSpan.FromHours(5), TimeSpan.Zero, TimeSpan.FromHours(2), ["A"]);
        Assert.Equal(2 * 3600, await RenewAsync(vault, token));
        method.Renewals = new RenewalTerms(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, ["a", "more"]);
        Assert.Equal("policies have changed, not renewing", (await vault.WriteAsync("auth/token/renew-self", "{}", token)).Error);
        method.Renewals = null;
        Assert.Equal("the user is gone", (await vault.WriteAsync("auth/token/renew-self", "{}", token)).Error);
    }

    private static async Task<int> RenewAsync(TestVault vault, string token) =>
        (await vault.WriteAsync("auth/token/renew-self", "{}", token)).Json.GetProperty("auth").GetProperty("lease_duration").GetInt32();
}
