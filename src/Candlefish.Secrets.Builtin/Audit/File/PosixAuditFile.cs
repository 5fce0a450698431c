using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Candlefish.Secrets.Vault.Requests;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets.Builtin.Audit.File;

/// <summary>
/// Opens an audit file as .NET cannot: below a directory without following any link (openat2(2), Linux 5.6), appending,
/// and looked at through the open file, so that nothing can be swapped in between. Numbers are those of the Linux kernel.
/// </summary>
internal static class PosixAuditFile
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int NoControllingTerminal = 0x100;
    private const int Append = 0x400;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int Mode = 0x180; // 0600

    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveNoSymlinks = 0x04;
    private const ulong ResolveBeneath = 0x08;

    private const int OpenAt2Number = 437;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int SetOpenFileLock = 37;
    private const short WriteLock = 1;

    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int CrossDevice = 18;
    private const int NoSystemCall = 38;
    private const int LinkLoop = 40;

    // These two differ per architecture.
    private static int NoFollow => IsArm ? 0x8000 : 0x20000;

    private static int DirectoryOnly => IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>Opens or creates the file and locks it.</summary>
    /// <param name="syncsDirectory">A created file is made to survive a power loss.</param>
    /// <exception cref="RequestRefused">400: it is not a plain file of this server with mode 0600, or it is in use.</exception>
    public static SafeFileHandle Open(AuditFilePath path, bool syncsDirectory)
    {
        if (!OperatingSystem.IsLinux())
            throw RequestRefused.BadRequest("file devices need Linux: use a socket device");
        if (!Directory.Exists(path.Directory))
            Create0700(path.Directory);
        using var directory = new SafeFileHandle(open(path.Directory, ReadOnly | DirectoryOnly | CloseOnExec), ownsHandle: true);
        if (directory.IsInvalid)
            throw RequestRefused.BadRequest($"the audit directory {path.Directory} cannot be opened: {LastError()}");
        SafeFileHandle file = OpenBelow(directory, path);
        try
        {
            Check(file, path);
            if (!TryLock(file))
                throw RequestRefused.BadRequest($"the audit file {path.Relative} is in use by another device or server");
            if (syncsDirectory)
                _ = fsync(Number(directory));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The open file has no name any more.</summary>
    public static bool IsDeleted(SafeFileHandle file) => Links(Facts(file)) == 0;

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Create0700(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RequestRefused.BadRequest($"the audit directory {directory} cannot be created: {e.Message}");
        }
    }

    private static SafeFileHandle OpenBelow(SafeFileHandle directory, AuditFilePath path)
    {
        const int flags = ReadWrite | Create | Append | NonBlocking | NoControllingTerminal | CloseOnExec;
        byte[] name = [.. Encoding.UTF8.GetBytes(path.Relative), 0];
        byte[] how = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(how, flags);
        BinaryPrimitives.WriteUInt64LittleEndian(how.AsSpan(8), Mode);
        BinaryPrimitives.WriteUInt64LittleEndian(how.AsSpan(16), ResolveBeneath | ResolveNoSymlinks | ResolveNoMagicLinks);
        int descriptor = (int)syscall(OpenAt2Number, Number(directory), name, how, how.Length);
        int error = Marshal.GetLastPInvokeError();
        bool isMissingCall = error == NoSystemCall || (error == NotPermitted && !path.Relative.Contains('/', StringComparison.Ordinal));
        if (descriptor < 0 && isMissingCall)
        {
            // An old kernel, or a container that forbids the call: without it only names directly in the directory are safe.
            if (path.Relative.Contains('/', StringComparison.Ordinal))
                throw RequestRefused.BadRequest("this system cannot open below a directory safely (openat2): put the audit file directly into the audit directory");
            descriptor = openat(Number(directory), path.Relative, flags | NoFollow, Mode);
            error = Marshal.GetLastPInvokeError();
        }
        if (descriptor >= 0)
            return new SafeFileHandle(descriptor, ownsHandle: true);
        throw error switch
        {
            LinkLoop or CrossDevice => RequestRefused.BadRequest($"the audit file {path.Relative} is a symbolic link or below one: give the real path"),
            NoEntry => RequestRefused.BadRequest($"the directory of the audit file {path.Relative} does not exist: create it with mode 0700"),
            _ => RequestRefused.BadRequest($"the audit file {path.Relative} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    private static void Check(SafeFileHandle file, AuditFilePath path)
    {
        byte[] facts = Facts(file);
        int mode = MemoryMarshal.Read<ushort>(facts.AsSpan(28));
        if ((mode & 0xF000) != 0x8000)
            throw RequestRefused.BadRequest($"the audit file {path.Relative} is not a regular file");
        if (Links(facts) != 1)
            throw RequestRefused.BadRequest($"the audit file {path.Relative} has more than one name (hard links): remove the others");
        if (MemoryMarshal.Read<uint>(facts.AsSpan(20)) != geteuid())
            throw RequestRefused.BadRequest($"the audit file {path.Relative} belongs to another user: move it away or give it to the user of this server");
        if ((mode & 0xFFF) != Mode)
            throw RequestRefused.BadRequest($"the audit file {path.Relative} has mode {Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0')}: it must be 0600 (chmod 600)");
    }

    // An open file description lock: it keeps a second writer away (this process included), and readers notice nothing, while
    // flock(2) would collide with the shared lock that every .NET reader takes.
    private static bool TryLock(SafeFileHandle file)
    {
        // struct flock: l_type at byte 0, l_whence at 2, l_start at 8, l_len at 16 (0 = to the end), l_pid at 24.
        byte[] whole = new byte[32];
        MemoryMarshal.Write(whole, WriteLock);
        return fcntl(Number(file), SetOpenFileLock, whole) == 0;
    }

    private static uint Links(byte[] facts) => MemoryMarshal.Read<uint>(facts.AsSpan(16));

    // struct statx: stx_nlink is at byte 16, stx_uid at 20, stx_mode at 28, the same on every architecture.
    private static byte[] Facts(SafeFileHandle file)
    {
        byte[] facts = new byte[256];
        return statx(Number(file), "", EmptyPath, BasicStats, facts) == 0
            ? facts
            : throw new IOException($"the audit file cannot be looked at: {LastError()}");
    }

    // The caller holds the handle for the whole call, and closes it on the same thread.
    private static int Number(SafeFileHandle file) => (int)file.DangerousGetHandle();

    private static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int openat(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, int flags, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint directory, byte[] path, byte[] how, nint size);

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] facts);

    [DllImport("libc", SetLastError = true)]
    private static extern int fcntl(int descriptor, int command, byte[] whole);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    private static extern uint geteuid();
}
