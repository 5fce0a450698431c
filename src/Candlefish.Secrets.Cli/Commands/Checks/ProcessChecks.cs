using System.Globalization;
using System.Text;

namespace Candlefish.Secrets.Cli.Commands.Checks;

/// <summary>Server processes on this machine and the TCP ports open here (Linux). Command lines are not shown: they may hold secrets.</summary>
internal static class ProcessChecks
{
    private static readonly string[] ServerVerbs = ["server", "dev"];

    internal static void Run(CheckReport report)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            var id = Path.GetFileName(folder);
            if (id.All(char.IsAsciiDigit) && ServerOf(folder) is { } name)
            {
                found.Add($"{name} (pid {id})");
            }
        }

        report.Ok("processes", found.Count == 0 ? "no server process on this machine" : string.Join(", ", found));
        report.Ok("listening", string.Join(", ", Ports()) is { Length: > 0 } ports ? "TCP ports " + ports : "no TCP port");
    }

    private static string? ServerOf(string folder)
    {
        try
        {
            var words = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline"))).Split('\0');
            var name = words.Select(static w => Path.GetFileName(w)).FirstOrDefault(static w => w is "vault" or "bao" or "cfs" or "candlefish-secrets" or "candlefish-secrets.dll");
            return name is not null && words.Any(ServerVerbs.Contains) ? name : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile or belongs to someone else.
            return null;
        }
    }

    /// <summary>Ports in state LISTEN (0A) of the kernel's tables, the second column of which ends in the port in hex.</summary>
    private static IEnumerable<int> Ports() =>
        new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(static f => File.ReadLines(f).Skip(1))
            .Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static c => c.Length > 3 && c[3] == "0A")
            .Select(static c => int.Parse(c[1].AsSpan(c[1].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            .Distinct()
            .Order();
}
