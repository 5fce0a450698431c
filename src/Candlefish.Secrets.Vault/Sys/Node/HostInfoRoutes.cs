using System.Globalization;
using System.Runtime.InteropServices;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys.Node;

/// <summary><c>sys/host-info</c>: the machine the node runs on, read from the kernel's files (Vault API).</summary>
internal static class HostInfoRoutes
{
    public static IEnumerable<Route> All() =>
    [
        Route.At("host-info", "Shows processors, memory, disks and the operating system of the node.").Reads(ReadAsync),
    ];

    private static ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        Dictionary<string, long> memory = MemoryKibibytes();
        long uptime = Environment.TickCount64 / 1000;
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStartArray("cpu");
            for (int i = 0; i < Environment.ProcessorCount; i++)
            {
                w.WriteStartObject();
                w.WriteNumber("cpu", i);
                w.WriteNumber("cores", 1);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteStartArray("cpu_times");
            w.WriteEndArray();
            w.WriteStartArray("disk");
            foreach (DriveInfo drive in Drives())
            {
                w.WriteStartObject();
                w.WriteString("path", drive.Name);
                w.WriteString("fstype", drive.DriveFormat);
                w.WriteNumber("total", drive.TotalSize);
                w.WriteNumber("free", drive.AvailableFreeSpace);
                w.WriteNumber("used", drive.TotalSize - drive.TotalFreeSpace);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteStartObject("host");
            w.WriteString("hostname", Environment.MachineName);
            w.WriteNumber("uptime", uptime);
            w.WriteString("os", OperatingSystem.IsLinux() ? "linux" : Environment.OSVersion.Platform.ToString());
            w.WriteString("kernelVersion", Environment.OSVersion.VersionString);
            w.WriteString("kernelArch", RuntimeInformation.OSArchitecture.ToString());
            w.WriteEndObject();
            w.WriteStartObject("memory");
            foreach ((string name, string member) in MemoryMembers)
                w.WriteNumber(member, memory.GetValueOrDefault(name) * 1024);
            w.WriteEndObject();
            w.WriteTime("timestamp", context.Now);
        })));
    }

    private static readonly (string, string)[] MemoryMembers =
        [("MemTotal", "total"), ("MemAvailable", "available"), ("MemFree", "free"), ("Buffers", "buffers"), ("Cached", "cached"), ("SwapTotal", "swapTotal"), ("SwapFree", "swapFree")];

    private static DriveInfo[] Drives() => [.. DriveInfo.GetDrives().Where(d => d.IsReady && d.DriveType == DriveType.Fixed && d.TotalSize > 0)];

    private static Dictionary<string, long> MemoryKibibytes()
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!File.Exists("/proc/meminfo"))
            return values;
        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            string[] parts = line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length >= 2 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
                values[parts[0]] = kibibytes;
        }
        return values;
    }
}
