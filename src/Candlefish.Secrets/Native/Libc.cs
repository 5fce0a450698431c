using System.Runtime.InteropServices;

namespace Candlefish.Secrets.Native;

/// <summary>
/// The calls into the C library that the base class library does not offer. Linux only: every caller asks
/// <see cref="OperatingSystem.IsLinux"/> first. The numbers are those of the Linux kernel's user API and equal on
/// x64 and arm64 unless a comment says otherwise.
/// </summary>
internal static partial class Libc
{
    internal const int ProtectRead = 1;
    internal const int ProtectWrite = 2;
    internal const int MapShared = 0x01;
    internal const int MapPrivate = 0x02;
    internal const int MapAnonymous = 0x20;

    /// <summary>What <see cref="Map"/> answers when it fails.</summary>
    internal const nint MapFailed = -1;

    internal const int AdviseDontFork = 10;
    internal const int AdviseDontDump = 16;
    internal const int AdviseWipeOnFork = 18;

    private const int MemfdSecretNumber = 447;

    /// <summary>memfd_secret(2): a file descriptor whose pages the kernel itself cannot read; −1 where it is missing.</summary>
    internal static int MemfdSecret() => (int)SystemCall(MemfdSecretNumber, LibcFiles.CloseOnExec, 0, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mlock", SetLastError = true)]
    internal static partial int Lock(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(int descriptor, nint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e);
}
