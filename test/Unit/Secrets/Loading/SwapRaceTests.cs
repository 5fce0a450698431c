using System.Runtime.InteropServices;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Loading;

/// <summary>
/// One thread exchanges a private file and an open one under the loader's feet, 100,000 times. If the mode were
/// checked on the path, the loader would now and then check one file and read the other.
/// </summary>
public sealed class SwapRaceTests : IDisposable
{
    private const int Swaps = 100_000;

    private readonly TemporarySecrets _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Requirement("LIB-18", "SM-LOAD-4001-R2", "SM-SEC-5004-R5", "SEC-SECRET-020")]
    public void Loader_never_reads_the_open_file()
    {
        string target = _files.Write("token", "private");
        string other = _files.Write("other", "planted", (UnixFileMode)Convert.ToInt32("644", 8));
        nint left = Marshal.StringToCoTaskMemUTF8(target);
        nint right = Marshal.StringToCoTaskMemUTF8(other);
        var swapper = new Thread(() =>
        {
            for (int i = 0; i < Swaps; i++)
            {
                SystemCalls.Exchange(left, right);
            }
        });
        int loaded = 0;
        int refused = 0;
        swapper.Start();
        while (swapper.IsAlive)
        {
            try
            {
                using Secret secret = Secret.LoadFromFile(target);
                Assert.True(secret.Verify("private"));
                loaded++;
            }
            catch (SecretException error)
            {
                Assert.Equal(SecretErrorKind.PermissionsTooOpen, error.Kind);
                refused++;
            }
        }

        swapper.Join();
        Marshal.FreeCoTaskMem(left);
        Marshal.FreeCoTaskMem(right);
        Assert.True(loaded > 0 && refused > 0, $"The race did not happen: {loaded} loaded, {refused} refused.");
    }
}
