using System.Runtime.InteropServices;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>What .NET does not offer about files: the owner, a look at a link itself, and making a directory entry durable.</summary>
internal static class PosixFile
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    private const int NoSuchEntry = 2;
    private const int NotADirectory = 20;

    /// <summary>The effective user of this process.</summary>
    public static uint EffectiveUser => geteuid();

    /// <summary>Owner and mode (type and permission bits) of a path, or <see langword="null"/> when nothing is there (statx(2)).</summary>
    /// <exception cref="StorageException">The path cannot be looked at.</exception>
    public static FileOwnership? Look(string path, bool followLink)
    {
        // struct statx: stx_uid is at byte 20, stx_mode at byte 28, the same on every architecture.
        var buffer = new byte[256];
        if (statx(CurrentDirectory, path, followLink ? 0 : NoFollow, TypeModeAndOwner, buffer) == 0)
        {
            return new FileOwnership(MemoryMarshal.Read<uint>(buffer.AsSpan(20)), MemoryMarshal.Read<ushort>(buffer.AsSpan(28)));
        }

        var error = Marshal.GetLastPInvokeError();
        return error is NoSuchEntry or NotADirectory
            ? null
            : throw new StorageException($"Cannot look at {path}: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    /// <summary>Makes the entries of a directory (created, renamed files) survive a power loss (fsync(2) of the directory).</summary>
    /// <exception cref="StorageException">It did not work; nothing in the directory may be relied on.</exception>
    public static void SyncDirectory(string path)
    {
        var descriptor = open(path, 0);
        var isSynced = descriptor >= 0 && fsync(descriptor) == 0;
        var error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            _ = close(descriptor);
        }

        if (!isSynced)
        {
            throw new StorageException($"Cannot make the directory {path} durable: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>The first bytes of a file that another process has locked: every stream of .NET would ask for the lock.</summary>
    public static byte[] ReadStart(string path, int length)
    {
        var descriptor = open(path, 0);
        if (descriptor < 0)
        {
            return [];
        }

        var buffer = new byte[length];
        var count = (int)read(descriptor, buffer, length);
        _ = close(descriptor);
        return count > 0 ? buffer[..count] : [];
    }

    [DllImport("libc")]
    private static extern nint read(int descriptor, byte[] buffer, nint count);

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] buffer);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    private static extern int close(int descriptor);

    [DllImport("libc")]
    private static extern uint geteuid();
}

/// <summary>Owner and <c>st_mode</c> of a file.</summary>
internal readonly record struct FileOwnership(uint User, int Mode)
{
    private const int TypeMask = 0xF000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public bool IsRegularFile => (Mode & TypeMask) == 0x8000;

    /// <summary>Group or others have some right.</summary>
    public bool IsSharedWithOthers => (Mode & 0x3F) != 0;

    /// <summary>The permission bits as chmod(1) writes them.</summary>
    public string Permissions => Convert.ToString(Mode & 0xFFF, 8).PadLeft(4, '0');
}
