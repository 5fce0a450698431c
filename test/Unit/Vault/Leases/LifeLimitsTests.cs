using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Leases;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Leases;

public sealed class LifeLimitsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Grant_withoutWish_givesTheDefault() =>
        Assert.Equal(Start + Hour, Plain(Hour, 10 * Hour).Grant(Start, TimeSpan.Zero));

    [Fact]
    public void Grant_beyondTheMaximum_isCappedAndSaysSo()
    {
        LifeLimits limits = Plain(Hour, 10 * Hour);
        DateTimeOffset? end = limits.Grant(Start, 11 * Hour);
        Assert.Equal(Start + (10 * Hour), end);
        Assert.Equal("TTL of \"11h0m0s\" exceeded the effective max_ttl of \"10h0m0s\"; TTL value is capped accordingly", limits.CapWarning(Start, 11 * Hour, Start + (10 * Hour)));
    }

    [Fact]
    public void Renew_ofAPeriodicLife_goesOnWithoutMaximum()
    {
        LifeLimits limits = Plain(Hour, 10 * Hour) with { Period = 2 * Hour };
        Assert.Equal(Start + (101 * Hour), limits.Renew(Start + (99 * Hour), Start + (100 * Hour), 50 * Hour));
    }

    [Fact]
    public void Renew_ofAPeriodicLifeWithExplicitMaximum_endsThere()
    {
        LifeLimits limits = Plain(Hour, 10 * Hour) with { Period = 2 * Hour, ExplicitMax = 3 * Hour };
        Assert.Equal(Start + (3 * Hour), limits.Renew(Start + (2.5 * Hour), Start + (2.6 * Hour), TimeSpan.Zero));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1)]
    [InlineData(0.0001)]
    public void Row058_renewalJustBeforeTheMaximum_endsAtTheMaximum(double millisecondsBefore)
    {
        LifeLimits limits = Plain(Hour, 2 * Hour);
        DateTimeOffset now = Start + (2 * Hour) - TimeSpan.FromMilliseconds(millisecondsBefore);
        Assert.Equal(Start + (2 * Hour), limits.Renew(now, Start + (2 * Hour), Hour));
    }

    [Fact]
    public void Renew_atTheEnd_revivesNothing() => Assert.Null(Plain(Hour, 10 * Hour).Renew(Start + Hour, Start + Hour, Hour));

    /// <summary>Row 58 (CVE-2021-32923) and F-9: whatever is asked for and however the clock jumps.</summary>
    [Fact]
    public void Row058_anyLifeUnderAnyClock_isNeitherRevivedNorImmortal()
    {
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        long checkedSteps = 0;
        for (int life = 0; life < 30_000; life++)
        {
            var limits = new LifeLimits(Start, Span(random, 1), Span(random, 1), Maybe(random), Maybe(random));
            DateTimeOffset now = Start;
            DateTimeOffset end = limits.Grant(now, Maybe(random)) ?? Fail(seed, limits, now);
            bool isDead = false;
            for (int step = 0; step < 5; step++, checkedSteps++)
            {
                now += Jump(random);
                isDead |= now >= end;
                if (isDead && now < end)
                    break; // The pure function sees a clock that went back behind the end; LeaseClock never shows it one.
                DateTimeOffset? renewed = limits.Renew(now, end, Maybe(random));
                if (renewed is not { } next)
                    continue;
                TimeSpan most = limits.Period > TimeSpan.Zero ? Shorter(limits.Period, limits.Max) : limits.Max;
                bool isSound = !isDead && next > now && next <= limits.HardEnd
                    && (limits.Period > TimeSpan.Zero ? next - now <= most : next <= Start + limits.Max)
                    && (limits.ExplicitMax == TimeSpan.Zero || next <= Start + limits.ExplicitMax);
                if (!isSound)
                    Fail(seed, limits, now);
                end = next;
            }
        }
        Assert.True(checkedSteps >= 100_000, $"only {checkedSteps} steps (seed {seed})");
    }

    private static LifeLimits Plain(TimeSpan @default, TimeSpan max) => new(Start, @default, max, TimeSpan.Zero, TimeSpan.Zero);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>From a tick to ten years, small and round values more often.</summary>
    private static TimeSpan Span(Random random, long least) => random.Next(6) switch
    {
        0 => TimeSpan.FromTicks(random.NextInt64(least, 10)),
        1 => TimeSpan.FromMilliseconds(random.Next(1, 3)),
        2 => TimeSpan.FromSeconds(random.Next(1, 3)),
        3 => TimeSpan.FromSeconds(random.Next(1, 100_000)),
        4 => TimeSpan.FromTicks(random.NextInt64(least, TimeSpan.TicksPerHour)),
        _ => TimeSpan.FromDays(random.Next(1, 3_650)),
    };

    private static TimeSpan Maybe(Random random) => random.Next(3) == 0 ? TimeSpan.Zero : Span(random, 1);

    private static TimeSpan Jump(Random random) => random.Next(5) == 0 ? -Span(random, 1) : Span(random, 1);

    private static DateTimeOffset Fail(int seed, LifeLimits limits, DateTimeOffset now)
    {
        Assert.Fail($"seed {seed}: {limits} at {now:O}");
        return default;
    }
}
