using System.Runtime.InteropServices;
using Candlefish.Secrets.Vault.Storage;
using SQLitePCL;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// One connection with its prepared statements. Used by one thread at a time (SQLITE_OPEN_NOMUTEX); every failure is
/// thrown as <see cref="StorageException"/>.
/// </summary>
/// <remarks>
/// The VFS is <c>unix-excl</c>: the first connection takes an exclusive lock on the file for this process, and the index
/// of the write-ahead log lives in our heap instead of a shared file, which spares two system calls per read. All
/// connections must therefore be opened read-write, also those that only read (a read-only descriptor would take and give
/// back plain locks and so lose ours).
/// </remarks>
internal sealed class SqliteDatabase : IDisposable
{
    private const string ExclusiveVfs = "unix-excl";

    // No view, trigger or function of a file that somebody replaced runs with our rights; cells are bounds-checked
    // before use; no memory map, because a failing disk would then kill the process instead of failing a call;
    // no temporary files; freed bytes are overwritten where that costs no extra write.
    private const string Settings = """
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA mmap_size = 0;
        PRAGMA temp_store = MEMORY;
        PRAGMA secure_delete = FAST;
        """;

    // FULL: one fsync of the log per commit, before we acknowledge. Checkpoints are ours (SqliteWriter), because those
    // of SQLite hide their errors.
    private const string WriterSettings = """
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -16384;
        """;

    private const string ReaderSettings = """
        PRAGMA query_only = ON;
        PRAGMA cache_size = -4096;
        """;

    private readonly sqlite3 _handle;
    private readonly string _file;
    private readonly bool _isWriter;
    private readonly List<sqlite3_stmt> _statements = [];

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle, string file, bool isWriter)
    {
        _handle = handle;
        _file = file;
        _isWriter = isWriter;
    }

    public static SqliteDatabase OpenWriter(string file) => Open(file, isWriter: true);

    public static SqliteDatabase OpenReader(string file) => Open(file, isWriter: false);

    /// <summary>A statement that lives as long as the connection.</summary>
    public sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Switches to (or stays in) write-ahead logging.</summary>
    public void UseWriteAheadLog()
    {
        var statement = Prepare("PRAGMA journal_mode = WAL");
        if (!Step(statement) || raw.sqlite3_column_text(statement, 0).utf8_to_string() != "wal")
        {
            throw new StorageException($"SQLite does not use a write-ahead log for {_file}: move the storage to a local file system.");
        }

        _ = raw.sqlite3_reset(statement);
    }

    /// <summary>Runs statements whose rows are of no interest.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>Runs a prepared statement that yields no row.</summary>
    public void Run(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code != raw.SQLITE_DONE)
        {
            var fault = Fault(code);
            _ = raw.sqlite3_reset(statement);
            throw fault;
        }

        Check(raw.sqlite3_reset(statement));
    }

    /// <summary>Binds bytes; an empty value stays an empty value (SQLite would bind NULL for a null pointer).</summary>
    public void Bind(sqlite3_stmt statement, int index, ReadOnlySpan<byte> bytes) =>
        Check(bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, index, 0) : raw.sqlite3_bind_blob(statement, index, bytes));

    public void Bind(sqlite3_stmt statement, int index, long number) => Check(raw.sqlite3_bind_int64(statement, index, number));

    /// <summary>Moves to the next row; <see langword="false"/> at the end. The caller resets the statement.</summary>
    public bool Step(sqlite3_stmt statement) => raw.sqlite3_step(statement) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        var code => throw Fault(code),
    };

    /// <summary>
    /// Moves pages from the write-ahead log into the database and reports how many the log holds. Readers in the way
    /// are no error: what could be moved was moved.
    /// </summary>
    public int Checkpoint(int mode)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_handle, "main", mode, out var pagesInLog, out _);
        if ((code & 0xFF) != raw.SQLITE_BUSY)
        {
            Check(code);
        }

        return pagesInLog;
    }

    /// <summary>Pages written since the last call.</summary>
    public int TakePagesWritten()
    {
        _ = raw.sqlite3_db_status(_handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, resetFlg: 1);
        return pages;
    }

    /// <summary>Ends a transaction that failed; nothing happens when SQLite has ended it already.</summary>
    public void RollBack()
    {
        if (raw.sqlite3_get_autocommit(_handle) == 0)
        {
            Execute("ROLLBACK");
        }
    }

    /// <summary>Leaves the write-ahead log alone when closing: after a failed sync nothing may be synced again.</summary>
    public void KeepLogOnClose() => _ = raw.sqlite3_db_config(_handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);

    /// <summary>Finalizes the statements and closes. The last connection checkpoints and removes the log.</summary>
    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _ = raw.sqlite3_close_v2(_handle);
        _handle.Dispose();
    }

    private static SqliteDatabase Open(string file, bool isWriter)
    {
        var code = raw.sqlite3_open_v2(file, out var handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, ExclusiveVfs);
        var database = new SqliteDatabase(handle, file, isWriter);
        try
        {
            database.Check(code);
            _ = raw.sqlite3_extended_result_codes(handle, 1);
            _ = raw.sqlite3_busy_timeout(handle, 5_000);
            _ = raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_DEFENSIVE, 1, out _);
            database.Execute(Settings);
            database.Execute(isWriter ? WriterSettings : ReaderSettings);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Fault(code);
        }
    }

    private StorageException Fault(int code) =>
        SqliteFault.Describe(code, sqlite3_system_errno(_handle.DangerousGetHandle()), _file, _isWriter);

    [DllImport("e_sqlite3")]
    private static extern int sqlite3_system_errno(nint database);
}
