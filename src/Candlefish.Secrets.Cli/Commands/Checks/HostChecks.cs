using System.Globalization;

namespace Candlefish.Secrets.Cli.Commands.Checks;

/// <summary>Facts of the machine a server would run on: open files, locked memory, core dumps, disk.</summary>
internal static class HostChecks
{
    internal static void Run(CheckReport report)
    {
        if (!OperatingSystem.IsLinux())
        {
            report.Ok("operating system", Environment.OSVersion.VersionString);
            return;
        }

        var limits = Limits();
        Limit(report, limits, "Max open files", "open files", 1024, "raise LimitNOFILE (ulimit -n) to 65536");
        Limit(report, limits, "Max locked memory", "locked memory", 8L << 20, "raise LimitMEMLOCK (ulimit -l), so that keys are never swapped");
        if (limits.TryGetValue("Max core file size", out var core) && core != "0")
        {
            report.Warn("core dumps", "are possible and would hold keys", "set LimitCORE=0 (ulimit -c 0)");
        }
        else
        {
            report.Ok("core dumps", "are off");
        }

        var drive = new DriveInfo(Path.GetFullPath("."));
        var free = drive.AvailableFreeSpace >> 20;
        var text = free.ToString(CultureInfo.InvariantCulture) + " MiB free";
        if (free < 1024)
        {
            report.Warn("disk", text, "free some space, or move the storage");
        }
        else
        {
            report.Ok("disk", text);
        }
    }

    /// <summary>Soft limits of this process by name, as the kernel lists them.</summary>
    private static Dictionary<string, string> Limits()
    {
        var limits = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines("/proc/self/limits").Skip(1))
        {
            if (line.Length > 26)
            {
                limits[line[..26].Trim()] = line[26..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
            }
        }

        return limits;
    }

    private static void Limit(CheckReport report, Dictionary<string, string> limits, string name, string title, long least, string advice)
    {
        var text = limits.GetValueOrDefault(name, "unknown");
        if (text == "unlimited" || (long.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least))
        {
            report.Ok(title, text);
        }
        else
        {
            report.Warn(title, text, advice);
        }
    }
}
