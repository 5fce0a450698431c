using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Leases;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Leases;

public sealed class LeaseClockTests
{
    [Fact]
    public void Clock_wallSetBack_goesOnByElapsedTime()
    {
        var time = new ManualTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        var clock = new LeaseClock(time);
        time.JumpWallClock(TimeSpan.FromDays(-3_650));
        Assert.Equal(start, clock.Now);
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(start.AddHours(2), clock.Now);
    }

    [Fact]
    public void Clock_wallSetForward_follows()
    {
        var time = new ManualTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        var clock = new LeaseClock(time);
        time.JumpWallClock(TimeSpan.FromDays(1));
        Assert.Equal(start.AddDays(1), clock.Now);
    }

    [Fact]
    public void Clock_wallSetForwardAndBack_returns()
    {
        var time = new ManualTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        var clock = new LeaseClock(time);
        time.JumpWallClock(TimeSpan.FromDays(1));
        time.JumpWallClock(TimeSpan.FromDays(-1));
        Assert.Equal(start, clock.Now);
    }
}
