using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Gates;

[Requirement("LIB-49")]
public sealed class StrictTierTests
{
    [Fact]
    [Requirement("SEC-SECRET-002", "SEC-SECRET-003", "SEC-SECRET-004")]
    public void Library_sources_break_no_rule()
    {
        string directory = RepositoryRoot.Join("src", "Candlefish.Secrets");
        string[] files = Directory.GetFiles(directory, "*.cs", SearchOption.AllDirectories);
        Assert.True(files.Length > 20);
        Assert.Empty(files.SelectMany(path => StrictTier.Check(path, File.ReadAllText(path))));
    }

    [Fact]
    [Requirement("LIB-50")]
    public void No_source_of_the_product_has_an_unfinished_marker()
    {
        string[] files = Directory.GetFiles(RepositoryRoot.Join("src"), "*.cs", SearchOption.AllDirectories);
        Assert.DoesNotContain(
            files.SelectMany(path => StrictTier.Check(path, File.ReadAllText(path))),
            line => line.EndsWith("an unfinished marker", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("int F(string? s) => s!.Length;", "(!)")]
    [InlineData("string F() => null!;", "(!)")]
    [InlineData("int F(int a) => unchecked(a + 1);", "unchecked")]
    [InlineData("void F() { try { G(); } catch (IOException) { } }", "empty catch")]
    [InlineData("void F() => throw new InvalidOperationException();", "InvalidOperationException")]
    [InlineData("unsafe void F(byte* p) { }", "pointers")]
    [InlineData("// TO" + "DO: later", "unfinished")]
    public void Planted_violation_is_found(string planted, string rule)
    {
        string found = Assert.Single(StrictTier.Check("/src/X.cs", "\n" + planted).Distinct());
        Assert.Contains(rule, found, StringComparison.Ordinal);
        Assert.Contains("X.cs:2", found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bool F(int a) => a != 1 && !G();")]
    [InlineData("string F() => \"wow! unchecked\"; // catch {} !")]
    [InlineData("char F() => '!'; char G() => '\\''; /* unsafe */")]
    public void Harmless_source_is_left_alone(string source) => Assert.Empty(StrictTier.Check("/src/X.cs", source));

    [Fact]
    [Requirement("SEC-SECRET-004")]
    public void Arithmetic_of_the_library_is_checked() => Assert.Contains(
        "<CheckForOverflowUnderflow>true</CheckForOverflowUnderflow>",
        File.ReadAllText(RepositoryRoot.Join("src", "Candlefish.Secrets", "Candlefish.Secrets.csproj")),
        StringComparison.Ordinal);
}
