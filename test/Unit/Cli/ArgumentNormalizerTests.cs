using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

public sealed class ArgumentNormalizerTests
{
    [Theory]
    [InlineData("kv get -field=password secret/app", "kv get --field=password -- secret/app")]
    [InlineData("kv get -field password secret/app", "kv get --field=password -- secret/app")]
    [InlineData("kv get secret/app --field password", "kv get --field=password -- secret/app")]
    [InlineData("-address=http://h:1 kv get secret/app", "kv get --address=http://h:1 -- secret/app")]
    [InlineData("-address http://h:1 kv get secret/app", "kv get --address=http://h:1 -- secret/app")]
    [InlineData("kv -field=a get secret/app", "kv get --field=a -- secret/app")]
    [InlineData("kv get -r secret/app", "kv get --recursive=true -- secret/app")]
    [InlineData("kv get -r=false secret/app", "kv get --recursive=false -- secret/app")]
    [InlineData("kv get -a http://h secret/app", "kv get --address=http://h -- secret/app")]
    [InlineData("kv get -otp -Abc x", "kv get --otp=-Abc -- x")]
    [InlineData("kv get -field=a=b x", "kv get --field=a=b -- x")]
    [InlineData("kv get x k=- @f -", "kv get -- x k=- @f -")]
    [InlineData("kv get -- -field=a", "kv get -- -field=a")]
    [InlineData("kv get x -5", "kv get -- x -5")]
    [InlineData("kv get get", "kv get -- get")]
    [InlineData("kv get -help", "kv get --help")]
    public void Normalize_vault_style_arguments_gives_one_form(string written, string expected) =>
        Assert.Equal(expected, string.Join(' ', ArgumentNormalizer.Normalize(written.Split(' '), Root())));

    [Fact]
    public void Normalize_empty_value_keeps_it() =>
        Assert.Equal(["kv", "get", "--field", ""], ArgumentNormalizer.Normalize(["kv", "get", "-field="], Root()));

    [Fact]
    public void Normalize_unknown_flag_suggests_the_nearest()
    {
        var error = Assert.Throws<CliError>(() => ArgumentNormalizer.Normalize(["kv", "get", "-feild=x"], Root()));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains("--field", error.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Normalize_unknown_flag_never_shows_its_value()
    {
        var error = Assert.Throws<CliError>(() => ArgumentNormalizer.Normalize(["kv", "get", "-passwrd=s3cret"], Root()));
        Assert.DoesNotContain("s3cret", error.Message + error.Why + error.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Normalize_unknown_command_suggests_the_nearest()
    {
        var error = Assert.Throws<CliError>(() => ArgumentNormalizer.Normalize(["kv", "gett", "x"], Root()));
        Assert.Contains("kv get", error.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Normalize_flag_without_value_is_a_usage_error() =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliError>(() => ArgumentNormalizer.Normalize(["kv", "get", "-field"], Root())).ExitCode);

    [Theory]
    [InlineData("-", false)]
    [InlineData("--", false)]
    [InlineData("-5", false)]
    [InlineData("a-b", false)]
    [InlineData("-a", true)]
    [InlineData("--a", true)]
    [InlineData("---a", false)]
    [InlineData("-?", true)]
    public void IsFlag_by_dashes_and_letter(string token, bool expected) => Assert.Equal(expected, ArgumentNormalizer.IsFlag(token));

    private static RootCommand Root()
    {
        var get = new Command("get")
        {
            new Option<string>("--otp"), new Option<bool>("--recursive", "-r"), new Argument<string[]>("path"),
        };
        var root = new RootCommand { new Command("kv") { get } };
        root.Options.Add(new Option<string>("--field") { Recursive = true });
        root.Options.Add(new Option<string>("--address", "-a") { Recursive = true });
        return root;
    }
}
