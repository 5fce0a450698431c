using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Leases;

public sealed class LeaseTests
{
    private readonly OutsideWorld _world = new();

    [Fact]
    public async Task Lease_isShownWithItsSecret_andByItsId()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        JsonElement answer = await vault.LeaseAsync("""{"ttl":"1h"}""");
        string id = answer.GetProperty("lease_id").GetString() ?? "";
        Assert.Matches("^counter/creds/app/[0-9A-Za-z]{24}$", id);
        Assert.True(answer.GetProperty("renewable").GetBoolean());
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        JsonElement data = (await vault.OnLeaseAsync("lookup", id)).Data;
        Assert.Equal((id, 3540), (data.GetProperty("id").GetString(), data.GetProperty("ttl").GetInt32()));
        Assert.Equal("2026-01-01T01:00:00Z", data.GetProperty("expire_time").GetString());
        Assert.Equal("2026-01-01T00:00:00Z", data.GetProperty("issue_time").GetString());
        Assert.Equal(JsonValueKind.Null, data.GetProperty("last_renewal").ValueKind);
        Assert.Equal("invalid lease", (await vault.OnLeaseAsync("lookup", "counter/creds/app/none")).Error);
    }

    /// <summary>CVE-2020-12757: the lease got the default TTL instead of the role's.</summary>
    [Theory]
    [InlineData("""{"ttl":"90s"}""", 90)]
    [InlineData("{}", 2_764_800)]
    [InlineData("""{"ttl":"5h","max_ttl":"2h"}""", 7_200)]
    [InlineData("""{"ttl":"1000h"}""", 2_764_800)]
    public async Task Row059_leaseHasTheTtlOfItsRole(string json, int seconds)
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        JsonElement answer = await vault.LeaseAsync(json);
        Assert.Equal(seconds, answer.GetProperty("lease_duration").GetInt32());
        Assert.Equal(seconds, (await vault.OnLeaseAsync("lookup", answer.GetProperty("lease_id").GetString() ?? "")).Data.GetProperty("ttl").GetInt32());
    }

    [Fact]
    public async Task Renew_countsFromNow_untilTheMaximum()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync("""{"ttl":"1h","max_ttl":"2h"}""");
        vault.Time.Advance(TimeSpan.FromMinutes(50));
        TestResponse renewed = await vault.OnLeaseAsync("renew", id);
        Assert.Equal((id, 3600), (renewed.Json.GetProperty("lease_id").GetString(), renewed.Json.GetProperty("lease_duration").GetInt32()));
        Assert.Equal(JsonValueKind.Null, renewed.Data.ValueKind);
        Assert.Equal(TimeSpan.FromHours(1), _world.Renewals[1]);
        vault.Time.Advance(TimeSpan.FromMinutes(30));
        TestResponse capped = await vault.OnLeaseAsync("renew", id, more: ""","increment":"3h" """);
        Assert.Equal(40 * 60, capped.Json.GetProperty("lease_duration").GetInt32());
        Assert.NotEqual(JsonValueKind.Null, capped.Json.GetProperty("warnings").ValueKind);
        vault.Time.Advance(TimeSpan.FromMinutes(40));
        Assert.Contains((await vault.OnLeaseAsync("renew", id)).Error, (string[])["lease expired", "lease not found"]);
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
    }

    [Fact]
    public async Task Renew_ofWhatIsNotRenewable_isRefused()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync("""{"renewable":false}""");
        Assert.Equal("lease is not renewable", (await vault.OnLeaseAsync("renew", id)).Error);
        Assert.Equal("lease not found", (await vault.OnLeaseAsync("renew", "counter/creds/app/none")).Error);
    }

    [Fact]
    public async Task Revoke_undoesTheSecret_andLeavesNothing()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        int before = await vault.LeaseKeysAsync();
        string id = await vault.LeaseIdAsync();
        Assert.Equal(204, (await vault.OnLeaseAsync("revoke", id)).Status);
        Assert.Empty(_world.Live);
        Assert.Equal(before, await vault.LeaseKeysAsync());
        Assert.Equal(204, (await vault.OnLeaseAsync("revoke", id)).Status);
        Assert.Equal(1, _world.RevocationCalls);
    }

    [Fact]
    public async Task Revoke_withoutSync_answers202_andHappensSoon()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync();
        Assert.Equal(202, (await vault.OnLeaseAsync("revoke", id, more: ""","sync":false""")).Status);
        await TokenRevocationTests.EventuallyAsync(() => Task.FromResult(_world.Live.IsEmpty));
    }

    [Fact]
    public async Task RevokePrefix_undoesOnlyWhatLiesBelow()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        for (int i = 0; i < 20; i++)
        {
            await vault.LeaseIdAsync(path: "counter/creds/app");
            await vault.LeaseIdAsync(path: "counter/creds/application");
        }
        Assert.Equal(204, (await vault.WriteAsync("sys/leases/revoke-prefix/counter/creds/app")).Status);
        Assert.Equal(20, _world.Live.Count);
        Assert.Equal(["application/"], (await vault.ListAsync("sys/leases/lookup/counter/creds")).Data.Strings("keys"));
        Assert.Equal(20, (await vault.ListAsync("sys/leases/lookup/counter/creds/application")).Data.Strings("keys").Length);
        Assert.Equal(["counter/"], (await vault.ListAsync("sys/leases/lookup")).Data.Strings("keys"));
        Assert.Equal(404, (await vault.ListAsync("sys/leases/lookup/counter/creds/app")).Status);
    }

    [Fact]
    public async Task RevokePrefix_ofLogins_revokesTheirTokens()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string token = await vault.TokenAsync("""{"policies":"default"}""");
        string other = await vault.TokenAsync("""{"policies":"default"}""", null, "auth/token/create-orphan");
        Assert.Equal(204, (await vault.WriteAsync("sys/leases/revoke-prefix/auth/token/create")).Status);
        Assert.False(await vault.IsAliveAsync(token));
        Assert.True(await vault.IsAliveAsync(other));
        Assert.Equal(204, (await vault.WriteAsync("sys/leases/revoke-prefix/auth")).Status);
        Assert.False(await vault.IsAliveAsync(other));
        Assert.True(await vault.IsAliveAsync(vault.RootToken));
    }

    [Fact]
    public async Task Token_revoked_takesItsLeasesAlong()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string token = await vault.TokenAsync("""{"policies":"root"}""");
        string child = await vault.TokenAsync("""{"policies":"root","ttl":"1h"}""", token);
        await vault.LeaseIdAsync(token: token);
        await vault.LeaseIdAsync(token: child);
        string mine = await vault.LeaseIdAsync();
        await vault.WriteAsync("auth/token/revoke-self", "{}", token);
        await vault.SweepAsync();
        Assert.Equal([3], _world.Live.Keys);
        Assert.Equal(200, (await vault.OnLeaseAsync("lookup", mine)).Status);
    }

    [Fact]
    public async Task Token_revokedWhileItsSecretIsMade_getsNoneAndTheSecretIsUndone()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string token = await vault.TokenAsync("""{"policies":"root"}""");
        _world.BeforeAnswer = async () =>
        {
            _world.BeforeAnswer = null;
            await vault.WriteAsync("auth/token/revoke", $$"""{"token":"{{token}}"}""");
        };
        TestResponse response = await vault.WriteAsync("counter/creds/app", "{}", token);
        Assert.Equal(403, response.Status);
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
    }

    [Theory]
    [InlineData("""{"intent":true,"fail":true}""")]
    public async Task Intent_ofARequestThatFails_isUndone(string json)
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        Assert.Equal("told to fail", (await vault.WriteAsync("counter/creds/app", json)).Error);
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
        Assert.Equal(1, _world.RevocationCalls);
    }

    [Fact]
    public async Task Intent_ofARequestThatEndsWell_becomesTheLease()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync("""{"intent":true,"ttl":"1h"}""");
        vault.Time.Advance(TimeSpan.FromMinutes(59));
        await vault.SweepAsync();
        Assert.Single(_world.Live);
        Assert.Equal(60, (await vault.OnLeaseAsync("lookup", id)).Data.GetProperty("ttl").GetInt32());
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
    }

    /// <summary>The process dies after the secret was made and before the request committed.</summary>
    [Fact]
    public async Task Intent_ofACrash_isUndoneAfterUnseal()
    {
        var storage = new BreakableStorage();
        await using TestVault vault = await LeaseTestVault.StartAsync(_world, storage);
        _world.BeforeAnswer = () =>
        {
            storage.BreakAfter(0);
            return Task.CompletedTask;
        };
        Assert.Equal(500, (await vault.WriteAsync("counter/creds/app", """{"intent":true}""")).Status);
        Assert.Single(_world.Live);
        await vault.Node.SealAsync();
        storage.Repair();
        await vault.UnsealAsync();
        vault.Time.Advance(TimeSpan.FromMinutes(6));
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
    }

    [Fact]
    public async Task Leases_surviveARestart()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync("""{"ttl":"1h"}""");
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal(3600, (await vault.OnLeaseAsync("renew", id)).Json.GetProperty("lease_duration").GetInt32());
        await vault.Node.SealAsync();
        vault.Time.Advance(TimeSpan.FromHours(2));
        await vault.UnsealAsync();
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
    }

    [Fact]
    public async Task Mount_disabled_revokesItsLeases_andStaysWhenItCannot()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await vault.LeaseIdAsync();
        _world.IsDown = true;
        TestResponse refused = await vault.DeleteAsync("sys/mounts/counter");
        Assert.Equal(400, refused.Status);
        Assert.Contains("revoke-force/counter", refused.Error, StringComparison.Ordinal);
        Assert.Equal(200, (await vault.WriteAsync("counter/creds/app")).Status);
        _world.IsDown = false;
        Assert.Equal(204, (await vault.DeleteAsync("sys/mounts/counter")).Status);
        Assert.Empty(_world.Live);
        Assert.Equal(404, (await vault.WriteAsync("counter/creds/app")).Status);
    }
}
