using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// The directory of one SQLite storage: ours alone (0700, files 0600, whatever the umask), and used by one process at a
/// time. Wider modes and foreign owners are refused and never repaired, because whoever widened them may have read or
/// replaced what is inside.
/// </summary>
/// <remarks>
/// The lock is flock(2) on <c>candlefish.lock</c>, which the kernel gives back however the process ends. The file stays,
/// and names the last holder.
/// </remarks>
internal sealed class SqliteDirectory : IDisposable
{
    private const UnixFileMode OwnerOnlyDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>EWOULDBLOCK, which .NET reports as HResult when flock(2) finds another holder.</summary>
    private const int WouldBlock = 11;

    private const int LockTextBytes = 10;

    private readonly FileStream _lock;

    private SqliteDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    public string Database => InDirectory(Path, "candlefish.db");

    public string WriteAheadLog => Database + "-wal";

    /// <summary>Where a new database is built before it takes its name: it is never seen half made.</summary>
    public string NewDatabase => Database + ".new";

    /// <summary>Creates the directory if it is missing, checks it and what is inside, and locks it.</summary>
    /// <exception cref="StorageException">Too wide, not ours, in use, or not writable; the message says what to do.</exception>
    [UnsupportedOSPlatform("windows")]
    public static SqliteDirectory Acquire(string directory)
    {
        var path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(directory));
        try
        {
            Create(path);
            CheckDirectory(path);
            CheckFile(InDirectory(path, "candlefish.lock"));
            var acquired = new SqliteDirectory(path, Lock(InDirectory(path, "candlefish.lock")));
            try
            {
                foreach (var file in new[] { acquired.Database, acquired.WriteAheadLog, acquired.Database + "-shm", acquired.Database + "-journal" })
                {
                    CheckFile(file);
                }

                return acquired;
            }
            catch
            {
                acquired.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot use {path} as a storage directory: {e.Message}", e);
        }
    }

    /// <summary>Creates an empty file that only we can read. SQLite gives its side files the mode of the database.</summary>
    [UnsupportedOSPlatform("windows")]
    public static void CreateFile(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = OwnerOnlyFile,
        });
        File.SetUnixFileMode(file.SafeFileHandle, OwnerOnlyFile);
    }

    public void Dispose() => _lock.Dispose();

    private static string InDirectory(string path, string name) => System.IO.Path.Combine(path, name);

    [UnsupportedOSPlatform("windows")]
    private static void Create(string path)
    {
        var missing = new Stack<string>();
        for (var level = path; level is not null && !Directory.Exists(level); level = System.IO.Path.GetDirectoryName(level))
        {
            missing.Push(level);
        }

        foreach (var level in missing)
        {
            Directory.CreateDirectory(level, OwnerOnlyDirectory);
            File.SetUnixFileMode(level, OwnerOnlyDirectory);
            PosixFile.SyncDirectory(System.IO.Path.GetDirectoryName(level) ?? "/");
        }
    }

    private static void CheckDirectory(string path)
    {
        var found = PosixFile.Look(path, followLink: true);
        if (found is not { IsDirectory: true } directory)
        {
            throw new StorageException($"{path} is not a directory: give the storage a directory of its own.");
        }

        CheckOwner(path, directory);
        if (directory.IsSharedWithOthers)
        {
            throw new StorageException(
                $"The storage directory {path} has mode {directory.Permissions}, so other users can reach it: run \"chmod 700 {path}\" and check who had access.");
        }
    }

    private static void CheckFile(string path)
    {
        if (PosixFile.Look(path, followLink: false) is not { } file)
        {
            return;
        }

        if (!file.IsRegularFile)
        {
            throw new StorageException($"{path} is not a regular file: move it away, or put the real file in its place.");
        }

        CheckOwner(path, file);
        if (file.IsSharedWithOthers)
        {
            throw new StorageException(
                $"The storage file {path} has mode {file.Permissions}, so other users can reach it: run \"chmod 600 {path}\" and check who had access.");
        }
    }

    private static void CheckOwner(string path, FileOwnership found)
    {
        var user = PosixFile.EffectiveUser;
        if (found.User != user)
        {
            throw new StorageException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} belongs to user {found.User}, but this process runs as user {user}: run it as the owner, or run \"chown -R {user} {System.IO.Path.GetDirectoryName(path)}\"."));
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static FileStream Lock(string path)
    {
        FileStream held;
        try
        {
            held = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnlyFile,
            });
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new StorageException(
                $"The storage directory {System.IO.Path.GetDirectoryName(path)} is in use by process {Encoding.ASCII.GetString(PosixFile.ReadStart(path, LockTextBytes)).Trim()}: stop that process first, or give this one another directory.", e);
        }

        try
        {
            // Always the same length in the same place: after the first time it needs no space on a full disk.
            held.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture).PadRight(LockTextBytes)));
            held.Flush();
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

}
