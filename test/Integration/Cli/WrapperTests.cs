using System.Diagnostics;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Cli;

/// <summary>
/// The script at the root of the checkout. Explicit, because it builds when it must:
/// <c>Candlefish.Secrets.Tests.Integration -explicit only -class '*WrapperTests'</c>.
/// </summary>
public sealed class WrapperTests
{
    private static string Script => RepositoryRoot.Join("candlefish-secrets");

    [Fact(Explicit = true)]
    public async Task Wrapper_through_a_link_from_another_folder_keeps_that_folder()
    {
        using var folder = new TemporaryDirectory();
        File.CreateSymbolicLink(folder["cfs"], Script);
        await File.WriteAllTextAsync(folder["p.hcl"], "path \"a\" {\n}\n", TestContext.Current.CancellationToken);
        var (code, output, _) = await RunAsync(folder["cfs"], folder.Path, "policy", "fmt", "p.hcl");
        Assert.Equal((0, "Success! p.hcl is formatted already\n"), (code, output));
    }

    [Fact(Explicit = true)]
    public async Task Wrapper_started_many_times_at_once_answers_each_time()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 6).Select(static _ => RunAsync(Script, Path.GetTempPath(), "version")));
        Assert.All(runs, static r => Assert.Equal((0, "candlefish-secrets 0.1.0\n"), (r.Code, r.Output)));
    }

    [Fact(Explicit = true)]
    public async Task Wrapper_once_built_answers_version_within_300_ms()
    {
        await RunAsync(Script, Path.GetTempPath(), "version");
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var (code, _, error) = await RunAsync(Script, Path.GetTempPath(), "version");
            Assert.Equal((0, ""), (code, error));
            best = new[] { best, Stopwatch.GetElapsedTime(start) }.Min();
        }

        Assert.True(best < TimeSpan.FromMilliseconds(300), $"the best of ten took {best.TotalMilliseconds:0} ms");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string file, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException(file);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
