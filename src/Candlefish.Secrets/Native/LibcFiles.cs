using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets.Native;

/// <summary>
/// File calls of the Linux kernel that the base class library does not offer: open without following links, open
/// beneath a directory, facts and access lists of an open file. Numbers are equal on x64 and arm64 unless a comment
/// says otherwise.
/// </summary>
internal static unsafe partial class LibcFiles
{
    internal const int ReadOnly = 0;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;
    internal const int PathOnly = 0x200000;

    internal const ulong ResolveNoMagicLinks = 0x02;
    internal const ulong ResolveNoSymlinks = 0x04;
    internal const ulong ResolveBeneath = 0x08;

    internal const int NotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int CrossDevice = 18;
    internal const int NotDirectory = 20;
    internal const int NoSystemCall = 38;
    internal const int LinkLoop = 40;

    private const int OpenAt2Number = 437;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;

    /// <summary>O_NOFOLLOW: the value differs per architecture.</summary>
    internal static int NoFollow => IsArm ? 0x8000 : 0x20000;

    /// <summary>O_DIRECTORY: the value differs per architecture.</summary>
    internal static int Directory => IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    private static nint StatxNumber => IsArm ? 291 : 332;

    /// <summary>open(2); an invalid handle on failure, with the reason in the last P/Invoke error.</summary>
    internal static SafeFileHandle Open(string path, int flags) => Own(OpenCall(path, flags));

    /// <summary>openat(2) in an open directory.</summary>
    internal static SafeFileHandle OpenAt(SafeFileHandle directory, string name, int flags) =>
        Own(OpenAtCall(directory, name, flags));

    /// <summary>openat2(2), Linux 5.6 and later: the kernel itself refuses to leave <paramref name="directory"/>.</summary>
    internal static SafeFileHandle OpenBeneath(SafeFileHandle directory, string path, int flags, ulong resolve)
    {
        ulong* how = stackalloc ulong[3];
        how[0] = (ulong)(flags & ~NoFollow);
        how[1] = 0;
        how[2] = resolve;
        nint text = Marshal.StringToCoTaskMemUTF8(path);
        bool held = false;
        try
        {
            directory.DangerousAddRef(ref held);
            nint descriptor = Libc.SystemCall(
                OpenAt2Number, directory.DangerousGetHandle(), text, (nint)how, 3 * sizeof(ulong), 0);
            int error = Marshal.GetLastPInvokeError();
            SafeFileHandle file = Own((int)descriptor);
            Marshal.SetLastPInvokeError(error);
            return file;
        }
        finally
        {
            int error = Marshal.GetLastPInvokeError();
            Marshal.FreeCoTaskMem(text);
            if (held)
            {
                directory.DangerousRelease();
            }

            Marshal.SetLastPInvokeError(error);
        }
    }

    /// <summary>statx(2) of the open file itself.</summary>
    internal static bool TryGetFacts(SafeFileHandle file, out FileFacts facts)
    {
        FileFacts found = default;
        byte empty = 0;
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            nint result = Libc.SystemCall(
                StatxNumber, file.DangerousGetHandle(), (nint)(&empty), EmptyPath, (nint)BasicStats, (nint)(&found));
            facts = found;
            return result == 0;
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>fgetxattr(2): the number of bytes written, −1 on failure.</summary>
    internal static int GetAttribute(SafeFileHandle file, string name, Span<byte> value)
    {
        fixed (byte* into = value)
        {
            return (int)GetAttributeCall(file, name, into, (nuint)value.Length);
        }
    }

    /// <summary>realpath(3): absolute, without links and dots; null on failure.</summary>
    internal static string? RealPath(string path)
    {
        nint text = RealPathCall(path, 0);
        if (text == 0)
        {
            return null;
        }

        string? resolved = Marshal.PtrToStringUTF8(text);
        NativeMemory.Free((void*)text);
        return resolved;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    private static SafeFileHandle Own(int descriptor) => new(descriptor, ownsHandle: descriptor >= 0);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAtCall(SafeFileHandle directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "fgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttributeCall(SafeFileHandle file, string name, byte* value, nuint size);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPathCall(string path, nint buffer);
}
