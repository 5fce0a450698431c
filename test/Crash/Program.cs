using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Candlefish.Secrets.Tests.Crash;

/// <summary>Runs the tests, or, when the first argument names one, a program that a test starts and kills.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [StorageVictim.Name, var directory, var writers, var batches])
        {
            return await StorageVictim.RunAsync(directory, int.Parse(writers, null), long.Parse(batches, null));
        }

        // "dotnet test" starts the executable with these; the other branch is the runner of xunit itself.
        return args.Any(arg => arg is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }
}
