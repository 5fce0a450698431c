using System.ComponentModel;
using System.Diagnostics;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Starts this executable again without waiting, cut off from the terminal and from the caller's pipes.</summary>
internal static class DetachedProcess
{
    internal static void Start(IEnumerable<string> arguments)
    {
        if (Environment.ProcessPath is not { } path || Path.GetFileNameWithoutExtension(path) == "dotnet")
        {
            return;
        }

        var start = new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            // Only a cache stays cold: nobody waits for this process.
            return;
        }
    }
}
