using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;

/// <summary>Reads the memory of this very process and counts copies of a secret: as bytes, and as UTF-16 text.</summary>
[Collection(nameof(MemoryScanTests))]
[CollectionDefinition(nameof(MemoryScanTests), DisableParallelization = true)]
public sealed class MemoryScanTests
{
    [Fact]
    public void Scan_finds_a_copy_in_managed_memory()
    {
        byte[] copy = [];
        MemoryScan scan = MemoryScan.Plant(40, value => copy = [.. value]);
        Assert.True(scan.Count() >= 1);
        CryptographicOperations.ZeroMemory(copy);
        Assert.Equal(0, scan.Count());
    }

    [Theory]
    [InlineData(24)]
    [InlineData(1000)]
    [InlineData(5000)]
    [Requirement("LIB-1", "LIB-4", "SM-SEC-5001-R2", "SM-SEC-5001-R4", "SM-TEST-3002-T3", "SEC-SECRET-014", "SEC-SECRET-015", "EXP-ORCH-2002-R7", "EXP-PERF-8001-R3", "EXP-SECURITY-8003-R3", "CI-005", "CI-006")]
    public void Loaded_secret_is_in_memory_once_and_after_dispose_not_at_all(int length)
    {
        using var files = new TemporarySecrets();
        MemoryScan scan = MemoryScan.Plant(length, value => files.Write("token", value));
        Secret secret = Secret.LoadFromFile(files.PathOf("token"));
        Assert.Equal(1, scan.Count());
        secret.Dispose();
        Assert.Equal(0, scan.Count());
    }

    [Fact]
    [Requirement("LIB-2", "LIB-4", "SM-TYPE-3001-R3", "EXP-VRAM-5001-R5")]
    public void Key_is_in_memory_once_and_after_dispose_not_at_all()
    {
        SecretKey? key = null;
        MemoryScan scan = MemoryScan.Plant(32, value => key = SecretKey.FromBytes(value));
        Assert.Equal(1, scan.Count());
        key?.Dispose();
        Assert.Equal(0, scan.Count());
    }

    [Fact]
    [Requirement("LIB-4")]
    public void Forgotten_secret_is_zeroed_by_the_finalizer()
    {
        MemoryScan scan = MemoryScan.Plant(40, Forget);
        // A collection that another test caused may have been here already: one copy, or none.
        Assert.InRange(scan.Count(), 0, 1);
        for (int i = 0; i < 10 && scan.Count() > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, scan.Count());
    }

    [Fact]
    public void Hardened_memory_is_not_even_readable_through_the_kernel()
    {
        SecretBuffer buffer = SecretBuffer.AllocateHardened(40);
        MemoryScan scan = MemoryScan.Plant(40, value => buffer.Write(value, static (bytes, from) => from.CopyTo(bytes)));
        Assert.SkipWhen(
            SecretMemory.DegradedCount(SecretProtection.Hardened) > 0, "This kernel has no memfd_secret.");
        Assert.Equal(0, scan.Count());
        buffer.Dispose();
    }

    [Fact]
    [Requirement("LIB-4")]
    public void Secret_pages_are_locked_and_left_out_of_dumps_and_forks()
    {
        SecretBuffer? buffer = null;
        MemoryScan scan = MemoryScan.Plant(40, value => buffer = SecretBuffer.CopyOf(value));
        Assert.SkipWhen(
            SecretMemory.DegradedCount(SecretProtection.NoDump) + SecretMemory.DegradedCount(SecretProtection.NoFork) > 0,
            "This kernel refuses the page flags.");
        Assert.Equal(1, scan.CountIn(MemoryScan.SecretPages()));
        buffer?.Dispose();
        Assert.Equal(0, scan.CountIn(MemoryScan.SecretPages()));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(byte[] value) => _ = SecretBuffer.CopyOf(value);
}
