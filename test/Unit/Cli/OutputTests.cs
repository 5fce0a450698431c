using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli;
using Candlefish.Secrets.Cli.Commands;
using Candlefish.Secrets.Cli.Commands.Operator;
using Candlefish.Secrets.Cli.Commands.Policy;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

public sealed class OutputTests
{
    [Fact]
    public void Yaml_nested_document_is_block_style_with_quoted_doubtful_strings()
    {
        var node = JsonNode.Parse("""{"a":"plain text","b":"true","c":[1,{"d":"x: y","e":[]}],"f":{},"g":"","h":"two\nlines","1":null}""");
        Assert.Equal("a: plain text\nb: \"true\"\nc:\n- 1\n- d: \"x: y\"\n  e: []\nf: {}\ng: \"\"\nh: \"two\\nlines\"\n\"1\": null\n", YamlText.Of(node));
    }

    [Fact]
    public void Json_numbers_keep_their_text()
    {
        var node = JsonNode.Parse("""{"big":123456789012345678901234567890,"exact":1.10}""");
        Assert.Equal("""{"big":123456789012345678901234567890,"exact":1.10}""", JsonText.Compact(node));
    }

    [Fact]
    public void Exports_value_with_quotes_is_safe_for_a_shell() =>
        Assert.Equal("export a_b='it'\\''s $HOME'\n", ShellText.Exports(new JsonObject { ["a-b"] = "it's $HOME" }));

    [Fact]
    public void Tsv_cell_with_separators_stays_one_cell() => Assert.Equal("a\\tb\\nc\\\\d\te", ShellText.Tsv(["a\tb\nc\\d", "e"]));

    [Theory]
    [InlineData("30s", false, 30)]
    [InlineData("15m", false, 900)]
    [InlineData("7d", false, 604800)]
    [InlineData("60", true, 60)]
    public void Duration_written_as_documented_is_read(string text, bool bare, int seconds)
    {
        Assert.True(Durations.TryParse(text, bare, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("1.5h")]
    [InlineData("-1s")]
    [InlineData("1w")]
    [InlineData("s")]
    public void Duration_of_another_form_is_refused(string text) => Assert.False(Durations.TryParse(text, bareSeconds: false, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(45, "45s")]
    [InlineData(5400, "1h30m")]
    [InlineData(2764800, "768h")]
    public void Duration_for_people_is_short(long seconds, string expected) => Assert.Equal(expected, Durations.Human(seconds));

    [Theory]
    [InlineData("gte", "get")]
    [InlineData("pasword", "password")]
    [InlineData("xyz", null)]
    public void Suggestion_is_the_nearest_name_or_none(string typed, string? expected) =>
        Assert.Equal(expected, Suggestion.Nearest(typed, ["get", "put", "password"]));

    [Fact]
    public void Generate_root_decode_undoes_the_xor()
    {
        const string token = "hvs.abcdefghijklmnopqrstuvwx";
        const string otp = "ABCDEFGHIJKLMNOPQRSTUVWXYZab";
        var encoded = Convert.ToBase64String([.. token.Zip(otp, static (t, o) => (byte)(t ^ o))]).TrimEnd('=');
        Assert.Equal(token, OperatorGenerateRoot.Decode(encoded, otp));
        Assert.Throws<CliError>(() => OperatorGenerateRoot.Decode(encoded, otp + "x"));
        Assert.Throws<CliError>(() => OperatorGenerateRoot.Decode("!", otp));
    }

    [Fact]
    public void Generated_password_has_every_class_and_differs()
    {
        var values = Enumerable.Range(0, 200).Select(static _ => GeneratedValue.Password(16, "strong")).ToList();
        Assert.Equal(values.Count, values.Distinct().Count());
        Assert.All(values, static v => Assert.True(v.Length == 16 && v.Any(char.IsAsciiLetterUpper) && v.Any(char.IsAsciiLetterLower) && v.Any(char.IsAsciiDigit) && v.Any("!@#$%^&*".Contains)));
        Assert.Equal(32, Convert.FromBase64String(GeneratedValue.Key(256)).Length);
    }

    [Fact]
    public void Policy_layout_indents_and_spaces_and_is_stable()
    {
        const string written = "path \"a/*\" {\ncapabilities=[\"read\",\n\"list\"]   # both {\n}\n\n\n\npolicy \"x\" {\n rules = <<EOT\n  path \"b\" {\n  }\nEOT\n}\n";
        const string expected = "path \"a/*\" {\n  capabilities = [\"read\",\n    \"list\"]   # both {\n}\n\npolicy \"x\" {\n  rules = <<EOT\n  path \"b\" {\n  }\nEOT\n}\n";
        Assert.Equal(expected, HclLayout.Format(written));
        Assert.Equal(expected, HclLayout.Format(expected));
    }

    [Fact]
    public void Version_printed_is_the_version_of_the_build()
    {
        var built = typeof(CliHost).Assembly.GetName().Version;
        Assert.Equal(ProductVersion.Text, $"{built?.Major}.{built?.Minor}.{built?.Build}");
    }
}
