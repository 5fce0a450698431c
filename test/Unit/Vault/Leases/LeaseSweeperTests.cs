using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Candlefish.Secrets.Vault.Leases;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Leases;

public sealed class LeaseSweeperTests
{
    private readonly OutsideWorld _world = new();

    [Fact]
    public async Task Sweeper_runsByItself()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await vault.LeaseIdAsync("""{"ttl":"30s"}""");
        vault.Time.Advance(TimeSpan.FromSeconds(29));
        await Task.Delay(50);
        Assert.Single(_world.Live);
        await TokenRevocationTests.EventuallyAsync(() =>
        {
            vault.Time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(_world.Live.IsEmpty);
        });
    }

    [Fact]
    public async Task Sweep_of10000DueLeases_endsAllWithinItsBounds()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await ManyAsync(vault, 10_000);
        string later = await vault.LeaseIdAsync("""{"ttl":"2h"}""");
        Assert.Equal(10_001, _world.Live.Count);
        vault.Time.Advance(TimeSpan.FromHours(1));
        await vault.SweepAsync();
        await vault.SweepAsync();
        Assert.Single(_world.Live);
        Assert.Equal(10_000, _world.RevocationCalls);
        Assert.InRange(_world.MostRunningRevocations, 1, 200);
        Assert.Equal(200, (await vault.OnLeaseAsync("lookup", later)).Status);
    }

    [Fact]
    public async Task Sweep_readsOnlyWhatIsDue()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await vault.LeaseIdAsync("""{"ttl":"1h"}""");
        await vault.LeaseIdAsync("""{"ttl":"2h"}""");
        Assert.Empty(await ExpiryIndex.DueAsync(vault.Kernel().Barrier, vault.Kernel().Clock.Now, "", 10, CancellationToken.None));
        Assert.Single(await ExpiryIndex.DueAsync(vault.Kernel().Barrier, vault.Kernel().Clock.Now.AddMinutes(90), "", 10, CancellationToken.None));
    }

    [Fact]
    public async Task DeadTarget_isTriedSixTimes_thenTheLeaseIsIrrevocable()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync("""{"ttl":"1m"}""");
        _world.IsDown = true;
        Assert.Equal(0, (await vault.ReadWithAsync("sys/leases", """{"type":"irrevocable"}""")).Data.GetProperty("lease_count").GetInt32());
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        int[] delays = [10, 20, 40, 80, 160];
        for (int attempt = 1; attempt <= 6; attempt++)
        {
            await vault.SweepAsync();
            await vault.SweepAsync();
            Assert.Equal(attempt, _world.RevocationCalls);
            if (attempt == 6)
                break;
            vault.Time.Advance(TimeSpan.FromSeconds(delays[attempt - 1] - 1));
            await vault.SweepAsync();
            Assert.Equal(attempt, _world.RevocationCalls);
            vault.Time.Advance(TimeSpan.FromSeconds(1));
        }
        vault.Time.Advance(TimeSpan.FromDays(10));
        await vault.SweepAsync();
        Assert.Equal(6, _world.RevocationCalls);
        TestResponse list = await vault.ReadWithAsync("sys/leases", """{"type":"irrevocable"}""");
        Assert.Equal(id, list.Data.GetProperty("leases")[0].GetProperty("lease_id").GetString());
        Assert.Equal("the engine failed (IOException): see the server log", list.Data.GetProperty("leases")[0].GetProperty("error").GetString());
        Assert.Equal(1, (await vault.ReadWithAsync("sys/leases/count", """{"type":"irrevocable"}""")).Data.GetProperty("lease_count").GetInt32());
        Assert.Equal(204, (await vault.ReadWithAsync("sys/leases", """{"type":"other"}""")).Status);

        _world.IsDown = false;
        Assert.Equal(204, (await vault.OnLeaseAsync("revoke", id)).Status);
        Assert.Empty(_world.Live);
        Assert.Equal(0, await vault.LeaseKeysAsync());
    }

    [Fact]
    public async Task DeadTarget_revokedByHand_saysSoAndIsTriedAgain()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync("""{"ttl":"1h"}""");
        _world.IsDown = true;
        TestResponse response = await vault.OnLeaseAsync("revoke", id);
        Assert.Equal(400, response.Status);
        Assert.StartsWith("failed to revoke lease:", response.Error, StringComparison.Ordinal);
        Assert.Equal("lease expired", (await vault.OnLeaseAsync("renew", id)).Error);
        _world.IsDown = false;
        vault.Time.Advance(TimeSpan.FromSeconds(10));
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
    }

    [Fact]
    public async Task RevokeForce_forgetsEvenWhatCannotBeUndone()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await ManyAsync(vault, 20);
        _world.IsDown = true;
        Assert.Equal(400, (await vault.WriteAsync("sys/leases/revoke-prefix/counter")).Status);
        Assert.Equal(204, (await vault.WriteAsync("sys/leases/revoke-force/counter")).Status);
        Assert.Equal(0, await vault.LeaseKeysAsync());
        Assert.Equal(20, _world.Live.Count);
    }

    [Fact]
    public async Task Sweep_interruptedByAnyBrokenCommit_losesNoLease()
    {
        var storage = new BreakableStorage();
        await using TestVault vault = await LeaseTestVault.StartAsync(_world, storage);
        await ManyAsync(vault, 50);
        storage.BreakAfter(17);
        vault.Time.Advance(TimeSpan.FromHours(1));
        await vault.SweepAsync();
        await vault.Node.SealAsync();
        storage.Repair();
        await vault.UnsealAsync();
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
        Assert.Equal(0, await vault.LeaseKeysAsync());
    }

    [Fact]
    public async Task Tidy_endsLeasesWithoutToken_andLeavesTheOthers()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string token = await vault.TokenAsync("""{"policies":"root"}""");
        await vault.LeaseIdAsync(token: token);
        string kept = await vault.LeaseIdAsync();
        var tokens = vault.Kernel().Tokens;
        using (var tx = vault.Kernel().Barrier.Begin())
        {
            tx.Delete(Candlefish.Secrets.Vault.Tokens.TokenKeys.Id(tokens.HashOf(token)));
            Assert.True(await tx.CommitAsync(CancellationToken.None));
        }
        tokens.StorageChanged(null);
        Assert.Equal(204, (await vault.WriteAsync("sys/leases/tidy")).Status);
        await TokenRevocationTests.EventuallyAsync(() => Task.FromResult(_world.Live.Count == 1));
        Assert.Equal(200, (await vault.OnLeaseAsync("lookup", kept)).Status);
    }

    private static async Task ManyAsync(TestVault vault, int count) =>
        await Parallel.ForEachAsync(Enumerable.Range(0, count), async (_, _) => await vault.LeaseIdAsync("""{"ttl":"1h"}"""));
}
