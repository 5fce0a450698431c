using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace Candlefish.Secrets.Tests.Fuzz;

/// <summary>
/// A seeded loop for some seconds. The seed is printed; <c>CANDLEFISH_FUZZ_SEED</c> repeats a run and
/// <c>CANDLEFISH_FUZZ_SECONDS</c> lengthens it.
/// </summary>
internal static class FuzzRun
{
    /// <summary>Iterations without which a run has shown nothing.</summary>
    private const int LeastIterations = 200;

    public static int Seed { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("CANDLEFISH_FUZZ_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : Random.Shared.Next();

    private static double Seconds { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("CANDLEFISH_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double seconds) ? seconds : 2;

    /// <summary>Repeats the attempt; a failure names seed and iteration, from which the input follows.</summary>
    /// <param name="attempt">Returns whether the input was taken: a run that only ever sees refusals (or none) is void.</param>
    public static void Repeat(ITestOutputHelper output, Func<Random, bool> attempt)
    {
        long started = Stopwatch.GetTimestamp();
        int taken = 0;
        int done = 0;
        for (; Stopwatch.GetElapsedTime(started).TotalSeconds < Seconds || done < LeastIterations; done++)
        {
            try
            {
                if (attempt(new Random(unchecked(Seed + (done * 7_919)))))
                    taken++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"CANDLEFISH_FUZZ_SEED={Seed}, iteration {done}: {e.GetType().Name}: {e.Message}", e);
            }
        }
        output.WriteLine($"seed {Seed}: {done} inputs, {taken} taken, {done - taken} refused");
        Assert.True(taken > 0 && taken < done, $"seed {Seed}: {taken} of {done} inputs were taken: the generator reaches only one side");
    }
}

/// <summary>Inputs made from pieces and from damage.</summary>
internal static class FuzzInput
{
    private static readonly string[] Odd = ["\0", "\uFEFF", "\u200B", "\u2028", "\u202E", "\ud83d\udd11", "\ud800", "\udc00", "é", "\\", "\"", "'", "%", "\n", "\r", "\t", " ", "\u007f", "\u0085", "/", ".", "..", "${", "}", "{", "[", "]", "1e999", "-", "\\ud800", "\\u0000"];

    public static T Of<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];

    /// <summary>Up to the given number of pieces, now and then something odd between them.</summary>
    public static string Text(Random random, int most, params string[] pieces)
    {
        var text = new StringBuilder();
        for (int i = random.Next(most + 1); i > 0; i--)
            text.Append(random.Next(8) == 0 ? Of(random, Odd) : Of(random, pieces));
        return text.ToString();
    }

    /// <summary>The text with some characters deleted, doubled, swapped or replaced; unchanged in one of four cases.</summary>
    public static string Damage(Random random, string text)
    {
        var damaged = new StringBuilder(text);
        for (int i = random.Next(4); i > 0 && damaged.Length > 0; i--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(5))
            {
                case 0:
                    damaged.Remove(at, Math.Min(random.Next(1, 6), damaged.Length - at));
                    break;
                case 1:
                    damaged.Insert(at, Of(random, Odd));
                    break;
                case 2:
                    damaged[at] = (char)random.Next(0x180);
                    break;
                case 3:
                    damaged.Insert(at, damaged.ToString(at, Math.Min(random.Next(1, 40), damaged.Length - at)));
                    break;
                default:
                    damaged.Length = at;
                    break;
            }
        }
        return damaged.ToString();
    }

    /// <summary>The bytes with some bits flipped, bytes replaced, cut short or lengthened; unchanged in one of four cases.</summary>
    public static byte[] Damage(Random random, byte[] bytes)
    {
        byte[] damaged = [.. bytes];
        for (int i = random.Next(4); i > 0 && damaged.Length > 0; i--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[at] = Of<byte>(random, 0x00, 0xFF, 0x7F, 0x80, (byte)random.Next(256));
                    break;
                case 2:
                    damaged = damaged[..at];
                    break;
                default:
                    damaged = [.. damaged[..at], (byte)random.Next(256), .. damaged[at..]];
                    break;
            }
        }
        return damaged;
    }
}
