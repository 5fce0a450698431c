using System.Diagnostics;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Hygiene;

/// <summary>Releasing every secret of a process would break other tests: it happens in a process of its own.</summary>
public sealed class ReleaseAllTests
{
    private const string Marker = "CANDLEFISH_RELEASE_ALL";

    [Fact]
    [Requirement("SM-SEC-5001-R1", "CI-005")]
    public void Process_that_releases_all_passes_its_own_checks()
    {
        string method = $"{typeof(ReleaseAllTests).FullName}.{nameof(In_its_own_process_everything_is_zeroed_and_refused)}";
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "", ["-method", method, "-noColor"])
        {
            RedirectStandardOutput = true,
            Environment = { [Marker] = "1" },
        };
        using Process child = Process.Start(start) ?? throw new InvalidOperationException("The test program did not start.");
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    [Fact]
    public void In_its_own_process_everything_is_zeroed_and_refused()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Marker) == "1", "Runs in the process that the other test starts.");
        var live = new List<SecretBuffer>();
        MemoryScan scan = MemoryScan.Plant(40, value =>
        {
            live.Add(SecretBuffer.CopyOf(value));
            live.Add(SecretBuffer.Allocate(100_000));
            live.Add(SecretBuffer.AllocateHardened(40));
        });
        using Secret secret = Secret.FromText("token");
        using SecretKey key = SecretKey.Generate();
        Assert.Equal(5, SecretMemory.LiveBuffers);
        Assert.Equal(1, scan.Count());

        live[0].Use(live[0], static (bytes, self) =>
        {
            SecretMemory.ReleaseAll();
            Assert.True(self.IsDisposed);
            Assert.True(bytes.IndexOfAnyExcept((byte)0) >= 0, "A use under way keeps its bytes.");
        });

        Assert.Equal(0, scan.Count());
        Assert.Equal(0, SecretMemory.LiveBuffers);
        Assert.All(live, buffer => Assert.Throws<ObjectDisposedException>(() => buffer.Verify([])));
        Assert.Throws<ObjectDisposedException>(() => secret.Verify("token"));
        Assert.Throws<ObjectDisposedException>(() => key.Verify(new byte[32]));
        using SecretBuffer later = SecretBuffer.CopyOf([1, 2, 3]);
        Assert.True(later.Verify([1, 2, 3]));
    }
}
