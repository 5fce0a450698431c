using Candlefish.Secrets.Vault.Hcl;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Hcl;

public sealed class HclValueTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    [InlineData("1", true)]
    [InlineData("\"1\"", true)]
    [InlineData("\"T\"", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    [InlineData("\"False\"", false)]
    [InlineData("2", null)]
    [InlineData("\"yes\"", null)]
    [InlineData("[true]", null)]
    public void AsBool_spellingsOfVault_areEqual(string text, bool? expected) =>
        Assert.Equal(expected, Try<bool>(() => Value(text).AsBool()));

    [Theory]
    [InlineData("90", 90.0)]
    [InlineData("\"90\"", 90.0)]
    [InlineData("\"30s\"", 30.0)]
    [InlineData("\"1h30m\"", 5400.0)]
    [InlineData("\"1.5h\"", 5400.0)]
    [InlineData("\"2d\"", 172800.0)]
    [InlineData("\"768h\"", 2764800.0)]
    [InlineData("\"100ms\"", 0.1)]
    [InlineData("\"5us\"", 0.000005)]
    [InlineData("\"200ns\"", 0.0000002)]
    [InlineData("0", 0.0)]
    [InlineData("\"\"", null)]
    [InlineData("\"h\"", null)]
    [InlineData("\"1x\"", null)]
    [InlineData("\"1h 30m\"", null)]
    [InlineData("-5", null)]
    [InlineData("\"-5s\"", null)]
    [InlineData("1.5", null)]
    [InlineData("\"1..5h\"", null)]
    [InlineData("9223372036854775807", null)]
    [InlineData("\"99999999999999999999h\"", null)]
    [InlineData("\"36525d1s\"", null)]
    [InlineData("true", null)]
    public void AsDuration_knownForms_areRead(string text, double? seconds) =>
        Assert.Equal(seconds, Try<double>(() => Value(text).AsDuration().TotalSeconds));

    [Theory]
    [InlineData("5", 5L)]
    [InlineData("\"-5\"", -5L)]
    [InlineData("1.5", null)]
    [InlineData("\"5 \"", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("true", null)]
    public void AsInteger_wholeNumbers_areRead(string text, long? expected) =>
        Assert.Equal(expected, Try<long>(() => Value(text).AsInteger()));

    [Fact]
    public void AsStrings_oneString_isAListOfOne()
    {
        Assert.Equal(["a"], Value("\"a\"").AsStrings());
        Assert.Equal(["a", "b"], Value("[\"a\", \"b\"]").AsStrings());
        var failure = Assert.Throws<HclException>(() => Value("[\"a\", 7]").AsStrings());
        Assert.Equal("line 1, column 11: expected a string, found a number", failure.Message);
    }

    private static HclValue Value(string text) =>
        HclDocument.Parse("a = " + text).Root.Value("a") ?? throw new InvalidOperationException("a is missing");

    private static T? Try<T>(Func<T> read)
        where T : struct
    {
        try
        {
            return read();
        }
        catch (HclException)
        {
            return null;
        }
    }
}
