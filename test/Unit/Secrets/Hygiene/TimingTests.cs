using System.Diagnostics;
using System.Security.Cryptography;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;

/// <summary>
/// Welch's t-test on the time of a verification whose candidate differs in its first byte against one that differs in
/// its last: 100,000 samples of each, in random order, the slowest tenth of all left out (interrupts, not the code).
/// Three tries; only three failures are a failure. A comparison that stops early must be found by the same test.
/// </summary>
[Collection(nameof(MemoryScanTests))]
public sealed class TimingTests
{
    private const int SamplesPerClass = 100_000;
    private const int CallsPerSample = 4;
    private const double Bound = 4.5;

    [Fact]
    [Requirement("LIB-7", "LIB-52", "SM-TYPE-3002-R5", "SM-SEC-5003-R1", "SM-SEC-5003-R2", "SM-SEC-5003-R3", "SM-TEST-3002-T1", "SM-TEST-5003-T1", "SM-TEST-5003-T2", "SEC-SECRET-031", "SEC-SECRET-032", "SEC-AUTH-2001", "CWE-208", "EXP-SECURITY-8003-R2")]
    public void Verify_takes_the_same_time_wherever_the_difference_is()
    {
        byte[] value = RandomNumberGenerator.GetBytes(256);
        using SecretBuffer secret = SecretBuffer.CopyOf(value);
        double[] tries = [Try(), Try(), Try()];
        Assert.True(tries.Any(t => Math.Abs(t) < Bound), $"t = {string.Join(", ", tries)}");

        double Try() => WelchT(value, candidate => secret.Verify(candidate));
    }

    [Fact]
    public void Comparison_that_stops_early_is_found()
    {
        byte[] value = RandomNumberGenerator.GetBytes(256);
        double t = WelchT(value, candidate =>
        {
            for (int i = 0; i < value.Length; i++)
            {
                if (candidate[i] != value[i])
                {
                    return false;
                }
            }

            return true;
        });
        Assert.True(Math.Abs(t) > Bound, $"t = {t}");
    }

    private static double WelchT(byte[] value, Func<byte[], bool> verify)
    {
        byte[][] candidates = [[.. value], [.. value]];
        candidates[0][0] ^= 1;
        candidates[1][^1] ^= 1;
        byte[] order = RandomNumberGenerator.GetBytes(SamplesPerClass * 2);
        var times = new (int Class, long Ticks)[order.Length];
        for (int warm = 0; warm < 20_000; warm++)
        {
            verify(candidates[warm & 1]);
        }

        for (int i = 0; i < times.Length; i++)
        {
            int chosen = order[i] & 1;
            byte[] candidate = candidates[chosen];
            long start = Stopwatch.GetTimestamp();
            for (int call = 0; call < CallsPerSample; call++)
            {
                verify(candidate);
            }

            times[i] = (chosen, Stopwatch.GetTimestamp() - start);
        }

        long cut = times.Select(sample => sample.Ticks).Order().ElementAt(times.Length * 9 / 10);
        (double mean, double variance, int count) first = Moments(times, 0, cut);
        (double mean, double variance, int count) last = Moments(times, 1, cut);
        return (first.mean - last.mean) /
            Math.Sqrt((first.variance / first.count) + (last.variance / last.count) + double.Epsilon);
    }

    private static (double Mean, double Variance, int Count) Moments((int Class, long Ticks)[] times, int of, long cut)
    {
        double[] kept = [.. times.Where(sample => sample.Class == of && sample.Ticks <= cut).Select(sample => (double)sample.Ticks)];
        double mean = kept.Average();
        return (mean, kept.Sum(value => (value - mean) * (value - mean)) / (kept.Length - 1), kept.Length);
    }
}
