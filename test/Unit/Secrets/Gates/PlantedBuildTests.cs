using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Gates;

/// <summary>
/// Builds a copy of the library with planted violations and expects the compiler to refuse each. Takes a minute: runs
/// with CANDLEFISH_LONG=1.
/// </summary>
public sealed class PlantedBuildTests
{
    private static readonly (string Name, string Code, string Id)[] Planted =
    [
        ("UnwrapUsed", "internal static int F(string? text) => text.Length;", "CS8602"),
        ("ExpectUsed", "internal static int F(IEnumerable<int> list) => list.First();", "RS0030"),
        ("ExpectValue", "internal static int F(int? number) => number.Value;", "RS0030"),
        ("Panic", "internal static void F() => Environment.FailFast(null);", "RS0030"),
        ("CatchAll", "internal static int F(Func<int> call) { try { return call(); } catch (Exception) { return 0; } }", "CA1031"),
        ("IndexingSlicing", "internal static byte F(byte[] bytes) => System.Runtime.CompilerServices.Unsafe.Add(ref bytes[0], 9);", "RS0030"),
        ("ArithmeticSideEffects", "internal static readonly int F = int.MaxValue + 1;", "CS0220"),
        ("CastPtrAlignment", "internal static int F(ReadOnlySpan<byte> bytes) => System.Runtime.InteropServices.MemoryMarshal.Read<int>(bytes);", "RS0030"),
        ("MemForget", "internal static void F() { var gate = new SemaphoreSlim(1); gate.Wait(); }", "CA2000"),
        ("Unimplemented", "internal static int F() => throw new NotImplementedException();", "RS0030"),
        ("Stub", "internal static int F() => throw new NotSupportedException();", "RS0030"),
        ("PlainCompare", "internal static bool F(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a.SequenceEqual(b);", "RS0030"),
        ("EnvironmentRead", "internal static string? F() => Environment.GetEnvironmentVariable(\"X\");", "RS0030"),
        ("WeakHash", "internal static byte[] F(byte[] b) => System.Security.Cryptography.MD5.HashData(b);", "CA5351"),
    ];

    [Fact]
    [Requirement("LIB-49")]
    public void Every_planted_violation_breaks_the_build()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CANDLEFISH_LONG") == "1", "Takes a minute: set CANDLEFISH_LONG=1.");
        using var files = new TemporarySecrets();
        string copy = LibraryCopy.Make(files);

        // Analyzers that follow the flow of data keep silent when the compiler itself finds errors: two builds.
        foreach (bool isCompiler in new[] { true, false })
        {
            Refuses(copy, [.. Planted.Where(planted => planted.Id.StartsWith("CS", StringComparison.Ordinal) == isCompiler)]);
        }
    }

    private static void Refuses(string directory, (string Name, string Code, string Id)[] violations)
    {
        foreach ((string name, string code, _) in violations)
        {
            File.WriteAllText(
                Path.Join(directory, $"Planted{name}.cs"),
                $"namespace Candlefish.Secrets;\n\ninternal static class Planted{name}\n{{\n    {code}\n}}\n");
        }

        string[] output = LibraryCopy.Run(directory, "build -c Release -nologo").Split('\n');
        Assert.All(violations, planted => Assert.Contains(
            output,
            line => line.Contains($"Planted{planted.Name}.cs", StringComparison.Ordinal) &&
                line.Contains($"error {planted.Id}", StringComparison.Ordinal)));
        Array.ForEach(violations, planted => File.Delete(Path.Join(directory, $"Planted{planted.Name}.cs")));
    }
}
