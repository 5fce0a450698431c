using Candlefish.Secrets.Builtin.Auth.Userpass;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Auth.Userpass;

public sealed class HashingGateTests
{
    [Fact]
    public async Task Flood_runsFewAtOnceAndTurnsAwayTheRest()
    {
        using var gate = new HashingGate(atOnce: 2, waiting: 3);
        using var open = new ManualResetEventSlim();
        int running = 0, most = 0;
        int Work()
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            open.Wait(TimeSpan.FromSeconds(10));
            return Interlocked.Decrement(ref running);
        }
        Task<(bool IsDone, int Result)>[] two = [Start(gate, Work), Start(gate, Work)];
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref running) == 2, TimeSpan.FromSeconds(10)));
        Task<(bool IsDone, int Result)>[] three = [.. Enumerable.Range(0, 3).Select(_ => gate.RunAsync(Work, CancellationToken.None).AsTask())];
        Assert.False((await gate.RunAsync(Work, CancellationToken.None)).IsDone);
        open.Set();
        Assert.All(await Task.WhenAll([.. two, .. three]), r => Assert.True(r.IsDone));
        Assert.Equal(2, most);
        Assert.True((await gate.RunAsync(() => 1, CancellationToken.None)).IsDone);
    }

    [Fact]
    public async Task Work_thatFails_givesItsSlotBack()
    {
        using var gate = new HashingGate(atOnce: 1, waiting: 0);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await gate.RunAsync<int>(() => throw new InvalidOperationException(), CancellationToken.None));
        Assert.True((await gate.RunAsync(() => 1, CancellationToken.None)).IsDone);
    }

    private static Task<(bool IsDone, int Result)> Start(HashingGate gate, Func<int> work) =>
        Task.Run(async () => await gate.RunAsync(work, CancellationToken.None));

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen && Interlocked.CompareExchange(ref target, value, seen) is var before && before != seen)
            seen = before;
    }
}
