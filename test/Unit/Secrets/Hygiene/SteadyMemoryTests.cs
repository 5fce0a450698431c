using System.Globalization;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;

[Collection(nameof(MemoryScanTests))]
public sealed class SteadyMemoryTests
{
    private const long MiB = 1 << 20;

    [Fact]
    [Requirement("LIB-47")]
    public void A_million_secrets_leave_resident_memory_flat()
    {
        CreateAndDispose(100_000);
        long mapped = SecretMemory.MappedBytes;
        long before = ResidentBytes();
        CreateAndDispose(1_000_000);
        long grown = ResidentBytes() - before;
        Assert.True(grown < 16 * MiB, $"Resident memory grew by {grown} bytes.");
        Assert.InRange(SecretMemory.MappedBytes, 0, mapped + MiB);
    }

    [Fact]
    public void A_hundred_thousand_live_keys_fit_into_the_usual_limit_of_locked_memory()
    {
        long before = SecretMemory.MappedBytes;
        var keys = new List<SecretBuffer>();
        for (int i = 0; i < 100_000; i++)
        {
            keys.Add(SecretBuffer.Allocate(32));
        }

        Assert.InRange(SecretMemory.MappedBytes - before, 6 * MiB, 8 * MiB);
        keys.ForEach(key => key.Dispose());
        Assert.InRange(SecretMemory.MappedBytes - before, -MiB, MiB);
    }

    private static void CreateAndDispose(int count)
    {
        for (int i = 0; i < count; i++)
        {
            using Secret secret = Secret.FromUtf8("a-secret-of-usual-length"u8);
        }
    }

    private static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line[6..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
