using Candlefish.Secrets.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Properties;

/// <summary>
/// Runs a property on 10,000 generated inputs, after the stored ones that failed before. A new failing input is made
/// small and stored in Properties/Regressions/NAME.txt, one per line in hexadecimal. The seed is printed; set
/// CANDLEFISH_SEED to run with it again.
/// </summary>
internal static class PropertyRun
{
    private const int Cases = 10_000;

    private static readonly byte[][] Seeds =
    [
        [], [0], " \n"u8.ToArray(), [0xEF, 0xBB, 0xBF, 0x61], [0xFF, 0xFE], "../../../etc/passwd"u8.ToArray(), "/etc/shadow"u8.ToArray(),
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"u8.ToArray(), "/proc/self/fd/0"u8.ToArray(),
        "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ"u8.ToArray(), "p\u00e4ssw\u00f6rd-\ud83d\udc1f"u8.ToArray(),
    ];

    internal static void Holds(string name, Action<byte[]> property) =>
        Holds(RepositoryRoot.Join("test", "Unit", "Secrets", "Properties", "Regressions"), name, property);

    internal static void Holds(string directory, string name, Action<byte[]> property)
    {
        string path = Path.Join(directory, name + ".txt");
        foreach (string line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            if (line.Length > 0 && line[0] != '#')
            {
                property(Convert.FromHexString(line == "-" ? "" : line));
            }
        }

        ulong seed = ulong.TryParse(Environment.GetEnvironmentVariable("CANDLEFISH_SEED"), out ulong given)
            ? given
            : (ulong)Environment.TickCount64;
        TestContext.Current.TestOutputHelper?.WriteLine($"CANDLEFISH_SEED={seed}");
        byte[]? smallest = null;
        Config config = Config.QuickThrowOnFailure
            .WithMaxTest(Cases)
            .WithQuietOnSuccess(true)
            .WithReplay(new Replay(new Rnd(seed), null!));
        try
        {
            Check.One(config, Prop.ForAll(Arb.From(Inputs(), Shrink), (Action<byte[]>)(input =>
            {
                try
                {
                    property(input);
                }
                catch
                {
                    smallest = smallest is null || input.Length <= smallest.Length ? input : smallest;
                    throw;
                }
            })));
        }
        catch (Exception failure)
        {
            string hex = smallest is { Length: > 0 } ? Convert.ToHexStringLower(smallest) : "-";
            File.AppendAllText(path, hex + "\n");
            Assert.Fail($"CANDLEFISH_SEED={seed}, input {hex} (stored in {path}): {failure.Message}");
        }
    }

    private static Gen<byte[]> Inputs()
    {
        Gen<byte> anyByte = Gen.Choose(0, 255).Select(value => (byte)value);
        Gen<byte> textByte = Gen.Elements(" \t\n\r./\\~:@0123456789abcdefABCDEFxyz_-%"u8.ToArray());
        Gen<byte[]> noise = Gen.ArrayOf(anyByte);
        Gen<byte[]> text = Gen.ArrayOf(textByte);
        Gen<byte[]> changed =
            from seed in Gen.Elements(Seeds)
            from at in Gen.Choose(0, 200)
            from value in anyByte
            from kind in Gen.Choose(0, 2)
            select Change(seed, at, value, kind);
        Gen<byte[]> joined = from left in changed from right in text select (byte[])[.. left, .. right];
        return Gen.OneOf(noise, text, changed, joined);
    }

    private static byte[] Change(byte[] seed, int at, byte value, int kind)
    {
        int index = seed.Length == 0 ? 0 : at % seed.Length;
        return kind switch
        {
            0 => seed,
            1 when seed.Length > 0 => [.. seed[..index], value, .. seed[(index + 1)..]],
            _ => [.. seed[..index], value, .. seed[index..]],
        };
    }

    private static IEnumerable<byte[]> Shrink(byte[] input)
    {
        if (input.Length > 1)
        {
            yield return input[..(input.Length / 2)];
            yield return input[(input.Length / 2)..];
        }

        for (int i = 0; i < input.Length && i < 64; i++)
        {
            yield return [.. input[..i], .. input[(i + 1)..]];
        }
    }
}
