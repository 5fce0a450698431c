using System.Text;
using System.Text.RegularExpressions;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Cli;

/// <summary>The worked example of docs/cli.md, run line by line against a development server.</summary>
public sealed partial class DocumentedExamplesTests
{
    [Fact]
    public async Task Console_example_of_the_page_gives_the_output_of_the_page()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "cli.md"), TestContext.Current.CancellationToken);
        await using var server = await CliServer.StartAsync();
        foreach (Match file in Files().Matches(page))
        {
            await File.WriteAllTextAsync(Path.Combine(server.Cli.Work, file.Groups[1].Value), file.Groups[2].Value, TestContext.Current.CancellationToken);
        }

        var expected = Console().Match(page).Groups[1].Value;
        var actual = new StringBuilder();
        foreach (var line in expected.Split('\n').Where(static l => l.StartsWith("$ candlefish-secrets ", StringComparison.Ordinal)))
        {
            var output = await server.OkAsync(line["$ candlefish-secrets ".Length..]);
            actual.Append(line).Append('\n').Append(output).Append(output.Length == 0 || output.EndsWith('\n') ? "" : "\n");
        }

        Assert.Equal(expected, actual.ToString());
    }

    [Fact]
    public async Task Every_command_is_on_the_page()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "cli.md"), TestContext.Current.CancellationToken);
        using var cli = new CliRun();
        Assert.Equal(0, await cli.RunAsync("__complete", "--no-input", "--", ""));
        var missing = cli.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(c => !Regex.IsMatch(page, $@"`[^`]*\b{c}\b[^`]*`"));
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"```(?:yaml|hcl)\n# (\S+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Files();

    [GeneratedRegex(@"```console\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Console();
}
