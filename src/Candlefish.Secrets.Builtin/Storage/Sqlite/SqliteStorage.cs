using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// The embedded default storage: one SQLite database <c>candlefish.db</c> in a directory that one process owns, in WAL
/// mode with an fsync before every acknowledgement. Layout, promises and figures: docs/storage.md.
/// </summary>
/// <remarks>Thread-safe. Reads complete synchronously on the caller's thread and never wait for writes.</remarks>
public sealed class SqliteStorage : IStorage
{
    /// <summary>Keys up to this many UTF-8 bytes are looked up without allocating.</summary>
    private const int ShortKeyBytes = 512;

    private readonly SqliteDirectory _directory;
    private readonly SqliteReaderPool _readers;
    private readonly SqliteWriter _writer;
    private readonly ChangeFeed _feed;
    private readonly Lazy<Task> _closing;

    private SqliteStorage(SqliteDirectory directory, SqliteWriter writer, ChangeFeed feed)
    {
        _directory = directory;
        _writer = writer;
        _feed = feed;
        _readers = new SqliteReaderPool(directory.Database);
        _closing = new Lazy<Task>(CloseAsync);
    }

    /// <summary>
    /// Opens the storage in <paramref name="directory"/>, creating both if missing, and recovers what an earlier process
    /// left in the write-ahead log.
    /// </summary>
    /// <exception cref="StorageException">
    /// Directory or file readable by others, not owned by this user, in use, damaged, or of a newer format. The message
    /// names the path and the next step.
    /// </exception>
    public static ValueTask<SqliteStorage> OpenAsync(string directory, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new ValueTask<SqliteStorage>(Task.Run(() => Open(directory), cancellation));
    }

    /// <inheritdoc/>
    public ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Span<byte> buffer = stackalloc byte[ShortKeyBytes];
        var bytes = StorageKey.Encode(key, buffer);
        var reader = _readers.Rent();
        try
        {
            return new ValueTask<StoredValue?>(reader.Get(bytes));
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, string after, int limit, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        StorageKey.CheckList(prefix, after, limit);
        var reader = _readers.Rent();
        try
        {
            return new ValueTask<IReadOnlyList<string>>(reader.List(prefix, after, limit, cancellation));
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(StorageBatch batch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return _writer.CommitAsync(new PendingCommit(batch, cancellation));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StorageChange> Changes(long from, CancellationToken cancellation) => _feed.Read(from, cancellation);

    /// <summary>Answers everything queued, then empties the write-ahead log and unlocks the directory.</summary>
    public ValueTask DisposeAsync() => new(_closing.Value);

    private static SqliteStorage Open(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new StorageException("The SQLite storage relies on Unix file modes and locks: run the server on Linux.");
        }

        var directory = SqliteDirectory.Acquire(path);
        SqliteDatabase? database = null;
        try
        {
            SqliteSchema.CreateIfMissing(directory);
            SqliteSchema.CheckHeader(directory.Database);
            database = SqliteDatabase.OpenWriter(directory.Database);
            database.UseWriteAheadLog();
            var sequence = SqliteSchema.CheckAndReadSequence(database, directory.Database);
            var feed = new ChangeFeed(sequence);
            return new SqliteStorage(directory, new SqliteWriter(database, sequence, feed), feed);
        }
        catch (Exception e)
        {
            database?.KeepLogOnClose();
            database?.Dispose();
            directory.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"Cannot open the storage in {directory.Path}: {e.Message}", e);
            }

            throw;
        }
    }

    private async Task CloseAsync()
    {
        await _writer.DrainAsync().ConfigureAwait(false);
        _feed.Close();
        await _readers.CloseAsync().ConfigureAwait(false);
        _writer.Dispose();
        _directory.Dispose();
    }
}
