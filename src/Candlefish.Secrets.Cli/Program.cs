using System.Runtime.CompilerServices;
using System.Text;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli;

/// <summary>
/// The one executable, <c>candlefish-secrets</c>. <c>version</c> answers before the command-line
/// parser, HTTP or ASP.NET Core are loaded: scripts ask it often.
/// </summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        if (args is ["version"] or ["--version"] or ["-version"])
        {
            return Task.FromResult(PrintVersion());
        }

        return RunAsync(args);
    }

    private static int PrintVersion()
    {
        try
        {
            using var output = Console.OpenStandardOutput();
            output.Write(Encoding.UTF8.GetBytes("candlefish-secrets " + ProductVersion.Text + "\n"));
            return ExitCode.Ok;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Stdout is full or closed: the code is all that can be told.
            return ExitCode.Usage;
        }
    }

    /// <summary>Kept apart so that the types it needs are not loaded for <c>version</c>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<int> RunAsync(string[] args) => CommandLine.RunAsync(args, CliHost.ForProcess());
}
