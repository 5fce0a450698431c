using System.Buffers.Binary;
using System.Net;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Quotas;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Quotas;

public sealed class RateLimiterTests
{
    [Theory]
    [InlineData(5, 1, 0)]
    [InlineData(1, 10, 0)]
    [InlineData(2.5, 1, 3)]
    [InlineData(0.2, 1, 0)]
    [InlineData(3, 2, 20)]
    public void Verdicts_randomClientsAndTimes_equalTheModel(double rate, int interval, int block)
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var time = new ManualTimeProvider();
        var limiter = new RateLimiter(time);
        var rule = new RateLimitRule { Name = "r", Rate = rate, Interval = TimeSpan.FromSeconds(interval), BlockInterval = TimeSpan.FromSeconds(block) };
        double window = rate < 1 ? interval / rate : interval;
        int tokens = rate < 1 ? 1 : (int)Math.Round(rate, MidpointRounding.AwayFromZero);
        var began = new Dictionary<int, double>();
        var used = new Dictionary<int, int>();
        var blockedUntil = new Dictionary<int, double>();
        double now = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int step = random.Next(4) == 0 ? random.Next(4_000) : random.Next(50);
            time.Advance(TimeSpan.FromMilliseconds(step));
            now += step / 1000.0;
            int client = random.Next(5);
            bool isAllowed = false;
            if (Math.Round(blockedUntil.GetValueOrDefault(client) - now, 6) <= 0)
            {
                if (!began.TryGetValue(client, out double start) || Math.Round(now - start - window, 6) >= 0)
                    (began[client], used[client]) = (now, 0);
                isAllowed = used[client] < tokens;
                if (isAllowed)
                    used[client]++;
                else if (block > 0)
                    blockedUntil[client] = now + block;
            }
            Assert.Equal(isAllowed, limiter.Take(rule, Address(client), rule.Window + rule.BlockInterval).IsAllowed);
        }
    }

    [Fact]
    public void Memory_manyClients_isBoundedAndTheBusyAreNotForgotten()
    {
        var time = new ManualTimeProvider();
        var limiter = new RateLimiter(time);
        var rule = new RateLimitRule { Name = "r", Rate = 1, Interval = TimeSpan.FromHours(1) };
        Assert.True(limiter.Take(rule, Address(0), rule.Window).IsAllowed);
        for (int i = 1; i < 400_000; i++)
        {
            limiter.Take(rule, Address(i), rule.Window);
            if (i % 10_000 == 0)
            {
                Assert.False(limiter.Take(rule, Address(0), rule.Window).IsAllowed);
                Assert.InRange(limiter.Clients, 1, 2 * RateLimiter.ClientsPerGeneration);
            }
        }
    }

    [Fact]
    public void Memory_silentClients_areForgottenAfterTwoGenerations()
    {
        var time = new ManualTimeProvider();
        var limiter = new RateLimiter(time);
        var rule = new RateLimitRule { Name = "r", Rate = 1 };
        for (int i = 0; i < 1_000; i++)
            limiter.Take(rule, Address(i), rule.Window);
        for (int i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            limiter.Take(rule, Address(5_000 + i), rule.Window);
        }
        Assert.InRange(limiter.Clients, 1, 3);
    }

    [Fact]
    public void Counters_whileGenerationsTurn_areNotLost()
    {
        var limiter = new RateLimiter(new ManualTimeProvider());
        var rule = new RateLimitRule { Name = "r", Rate = 500, Interval = TimeSpan.FromHours(1) };
        int admitted = 0;
        Parallel.For(0, 300_000, i =>
        {
            if (limiter.Take(rule, Address(i % 50 == 0 ? 0 : i), rule.Window).IsAllowed && i % 50 == 0)
                Interlocked.Increment(ref admitted);
        });
        Assert.Equal(500, admitted);
    }

    private static IPAddress Address(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
