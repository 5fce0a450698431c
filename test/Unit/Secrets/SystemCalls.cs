using System.Runtime.InteropServices;
using Candlefish.Secrets.Native;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

/// <summary>Calls of the kernel that the tests need to build unusual files. x64 numbers, then arm64.</summary>
internal static class SystemCalls
{
    private const nint CurrentDirectory = -100;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal static void MakePipe(string path) => WithPath(path, text =>
        Libc.SystemCall(IsArm ? 33 : 259, CurrentDirectory, text, 0x1000 | 0x180, 0, 0));

    internal static void ChangeOwner(string path, int user) => WithPath(path, text =>
        Libc.SystemCall(IsArm ? 54 : 260, CurrentDirectory, text, user, -1, 0));

    /// <summary>renameat2 with RENAME_EXCHANGE: both names exist at every moment.</summary>
    internal static void Exchange(nint left, nint right) =>
        Assert.Equal(0, Libc.SystemCall(IsArm ? 276 : 316, CurrentDirectory, left, CurrentDirectory, right, 2));

    internal static void SetAttribute(string path, string name, byte[] value)
    {
        nint attribute = Marshal.StringToCoTaskMemUTF8(name);
        GCHandle pinned = GCHandle.Alloc(value, GCHandleType.Pinned);
        try
        {
            WithPath(path, text =>
                Libc.SystemCall(IsArm ? 5 : 188, text, attribute, pinned.AddrOfPinnedObject(), value.Length, 0));
        }
        finally
        {
            pinned.Free();
            Marshal.FreeCoTaskMem(attribute);
        }
    }

    private static void WithPath(string path, Func<nint, nint> call)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            nint result = call(text);
            Assert.True(result == 0, $"System call on {path} failed: errno {Marshal.GetLastPInvokeError()}.");
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }
}
