using System.Globalization;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// Translates what SQLite reports into what the kernel must do: wait for space, restart, restore, or just fail this call.
/// Sources: "Result and Error Codes" of the SQLite documentation, errno(3).
/// </summary>
internal static class SqliteFault
{
    // Primary result codes, and the two extended ones that mean "a sync failed": SQLITE_IOERR | n << 8.
    private const int Mismatch = 1;
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int NotADatabase = 26;
    private const int SyncFailed = InputOutput | (4 << 8);
    private const int DirectorySyncFailed = InputOutput | (5 << 8);

    // errno(3): no space, read-only file system, file too large, quota exceeded.
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int FileTooLarge = 27;
    private const int QuotaExceeded = 122;

    /// <param name="code">Extended result code.</param>
    /// <param name="systemError">errno of the failed call, when there is one.</param>
    /// <param name="file">Database file, for the message.</param>
    /// <param name="isWrite">A writer failed: damage then forbids every later write.</param>
    public static StorageException Describe(int code, int systemError, string file, bool isWrite)
    {
        // A failed sync stays a failed sync, also for want of space: the kernel may have dropped the pages.
        if (code is SyncFailed or DirectorySyncFailed)
        {
            return new StorageException(
                $"The operating system could not make {file} durable (fsync failed, {Numbers(code, systemError)}), so nothing more is written: check the disk, then restart the server, which recovers every acknowledged write.")
            {
                MustRestart = true,
            };
        }

        switch (code & 0xFF)
        {
            case Full:
            case ReadOnly:
            case InputOutput when systemError is NoSpace or ReadOnlyFileSystem or FileTooLarge or QuotaExceeded:
                return new StorageException(
                    $"Nothing can be written to {file} because no space is left or the file system is read-only ({Numbers(code, systemError)}): free space or remount it, then writes resume without a restart.")
                {
                    IsFull = true,
                };
            // Our statements are constant, so an SQL error means that a table of ours is missing.
            case Mismatch:
            case Corrupt:
            case NotADatabase:
                return new StorageException(
                    $"The database file {file} is damaged ({Numbers(code, systemError)}): stop the server, keep a copy of the directory, and restore the newest backup.")
                {
                    MustRestart = isWrite,
                };
            case Busy:
                return new StorageException(
                    $"The database file {file} is locked by another process ({Numbers(code, systemError)}): close whatever has it open, for example the sqlite3 shell.");
            default:
                return new StorageException(
                    $"The database file {file} could not be {(isWrite ? "written" : "read")} ({Numbers(code, systemError)}): look into the system log for disk errors.");
        }
    }

    private static string Numbers(int code, int systemError) =>
        systemError == 0
            ? string.Create(CultureInfo.InvariantCulture, $"SQLite code {code}")
            : string.Create(CultureInfo.InvariantCulture, $"SQLite code {code}, errno {systemError}");
}
