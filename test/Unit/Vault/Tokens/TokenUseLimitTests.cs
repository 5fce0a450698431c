using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenUseLimitTests
{
    [Fact]
    public async Task Uses_under64ConcurrentRequests_areExact()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","num_uses":10}""");
        TestResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => vault.ReadAsync("auth/token/lookup-self", token))));
        Assert.Equal(10, answers.Count(a => a.Status == 200));
        Assert.Equal(54, answers.Count(a => a.Status == 403));
        Assert.Null(await vault.Kernel().Tokens.RecordAsync(vault.Kernel().Tokens.HashOf(token), CancellationToken.None));
    }

    [Fact]
    public async Task Uses_countDown_andARefusedRequestCostsOne()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","num_uses":3}""");
        Assert.Equal(2, (await vault.ReadAsync("auth/token/lookup-self", token)).Data.GetProperty("num_uses").GetInt32());
        Assert.Equal(403, (await vault.ReadAsync("sys/policies/acl/default", token)).Status);
        Assert.Equal(0, (await vault.ReadAsync("auth/token/lookup-self", token)).Data.GetProperty("num_uses").GetInt32());
        Assert.False(await vault.IsAliveAsync(token));
    }

    [Fact]
    public async Task Uses_surviveARestart()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","num_uses":2}""");
        await vault.ReadAsync("auth/token/lookup-self", token);
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.True(await vault.IsAliveAsync(token));
        Assert.False(await vault.IsAliveAsync(token));
    }

    [Fact]
    public async Task LastUse_thatLeasesASecret_showsNothingAndRevokesIt()
    {
        var world = new OutsideWorld();
        await using TestVault vault = await TestVault.StartAsync(backends: b => b.Engine("counter", (_, _) => new LeasedCounterEngine(world)));
        await vault.WriteAsync("sys/mounts/counter", """{"type":"counter"}""");
        string token = await vault.TokenAsync("""{"policies":"root","num_uses":2}""");
        Assert.Equal(200, (await vault.ReadAsync("counter/creds/a", token)).Status);
        TestResponse last = await vault.ReadAsync("counter/creds/a", token);
        Assert.Equal((400, "Secret cannot be returned; token had one use left, so leased credentials were immediately revoked."), (last.Status, last.Error));
        await TokenRevocationTests.EventuallyAsync(() => Task.FromResult(world.Live.IsEmpty));
    }

    /// <summary>The process dies after the last use was taken and before the token was removed.</summary>
    [Fact]
    public async Task LastUse_interrupted_leavesATokenThatAnswersNoMoreAndIsSwept()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","num_uses":1}""");
        var tokens = vault.Kernel().Tokens;
        var entry = await tokens.FindAsync(token, CancellationToken.None);
        Assert.NotNull(entry);
        Assert.Equal(-1, (await tokens.UseAsync(entry, CancellationToken.None))?.UsesLeft);
        Assert.False(await vault.IsAliveAsync(token));
        Assert.Null(await tokens.UseAsync(entry, CancellationToken.None));
        vault.Time.Advance(TimeSpan.FromMinutes(2));
        await vault.Kernel().Leases.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Null(await tokens.RecordAsync(entry.IdHash, CancellationToken.None));
    }
}
