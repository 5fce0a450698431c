using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.Versioning;
using Candlefish.Secrets.Vault.Storage;
using SQLitePCL;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// Makes a new database file, and tells a good one from one that is damaged, foreign, or too new.
/// </summary>
/// <remarks>
/// <code>
/// meta(name, value)            'format' = 1, 'sequence' = sequence of the last commit
/// kv(key, version, value)      key: UTF-8 bytes, so that SQLite orders as the contract asks
/// </code>
/// kv is an ordinary table with an index on the key, not WITHOUT ROWID: with values of 600 bytes the latter was half as
/// fast in inserts and listings (docs/storage.md), because values fill the inner pages of its tree.
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>The newest format that this program reads and writes.</summary>
    public const long Format = 1;

    // "CFSS" at byte 68 of the file (SQLite file format §1.3, "Application ID").
    private const uint ApplicationId = 0x43465353;

    private const string Definition = """
        PRAGMA synchronous = EXTRA;
        BEGIN IMMEDIATE;
        PRAGMA application_id = 1128682323;
        CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE kv(key BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL) STRICT;
        INSERT INTO meta(name, value) VALUES ('format', 1), ('sequence', 0);
        COMMIT;
        """;

    /// <summary>
    /// Creates the database if there is none. It is built under another name and renamed when complete and durable, so
    /// an empty or half-made <c>candlefish.db</c> is always damage and never a beginning.
    /// </summary>
    [UnsupportedOSPlatform("windows")]
    public static void CreateIfMissing(SqliteDirectory directory)
    {
        if (File.Exists(directory.Database))
        {
            return;
        }

        if (File.Exists(directory.WriteAheadLog))
        {
            throw new StorageException(
                $"{directory.WriteAheadLog} exists but {directory.Database} does not: put the database file back beside it, or restore a backup into an empty directory.");
        }

        foreach (var suffix in new[] { "", "-journal", "-wal" })
        {
            File.Delete(directory.NewDatabase + suffix);
        }

        SqliteDirectory.CreateFile(directory.NewDatabase);
        using (var database = SqliteDatabase.OpenWriter(directory.NewDatabase))
        {
            database.Execute(Definition);
        }

        File.Move(directory.NewDatabase, directory.Database);
        PosixFile.SyncDirectory(directory.Path);
    }

    /// <summary>Reads the first bytes of the file, before SQLite touches it.</summary>
    public static void CheckHeader(string file)
    {
        Span<byte> header = stackalloc byte[100];
        using var handle = File.OpenHandle(file);
        if (RandomAccess.Read(handle, header, 0) < header.Length)
        {
            throw new StorageException(
                $"The database file {file} is empty or cut off: keep a copy of the directory, and restore the newest backup.");
        }

        if (!header.StartsWith("SQLite format 3\0"u8))
        {
            throw new StorageException(
                $"{file} is not a database or its beginning is damaged: keep a copy of the directory, and restore the newest backup.");
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(header[68..]) != ApplicationId)
        {
            throw new StorageException(
                $"{file} is an SQLite database of another program: give the storage a directory of its own.");
        }
    }

    /// <summary>Checks the format and returns the sequence of the last commit.</summary>
    public static long CheckAndReadSequence(SqliteDatabase database, string file)
    {
        var select = database.Prepare("SELECT value FROM meta WHERE name = ?1");
        var format = Read(database, select, "format"u8);
        var sequence = Read(database, select, "sequence"u8);
        if (format > Format)
        {
            throw new StorageException(string.Create(
                CultureInfo.InvariantCulture,
                $"The database file {file} has format {format}, and this program reads formats up to {Format}: start the newer version that wrote it."));
        }

        if (format is null or < 1 || sequence is null or < 0)
        {
            throw new StorageException(
                $"The database file {file} lacks its format or sequence: keep a copy of the directory, and restore the newest backup.");
        }

        return sequence.Value;
    }

    private static long? Read(SqliteDatabase database, sqlite3_stmt select, ReadOnlySpan<byte> name)
    {
        _ = raw.sqlite3_bind_text(select, 1, name);
        try
        {
            return database.Step(select) ? raw.sqlite3_column_int64(select, 0) : null;
        }
        finally
        {
            _ = raw.sqlite3_reset(select);
        }
    }
}
