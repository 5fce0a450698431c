using System.Runtime.InteropServices;

namespace Candlefish.Secrets.Server;

/// <summary>
/// Refuses a runtime whose HTTP server has a known request-smuggling hole: previews and release candidates of .NET 10 before
/// the fix of CVE-2025-55315 shipped.
/// </summary>
internal static class MinimumRuntime
{
    public static void Check()
    {
        string name = RuntimeInformation.FrameworkDescription;
        if (name.Contains("-preview", StringComparison.Ordinal) || name.Contains("-rc", StringComparison.Ordinal))
            throw new ServerStartException($"{name} is a pre-release with known security holes: install the released .NET runtime 10.0 or later");
    }
}
