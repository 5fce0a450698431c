namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// Hands out readers without ever waiting: an idle one, or a new one. Thread-safe; the lock is held for a stack
/// operation only, never while reading.
/// </summary>
internal sealed class SqliteReaderPool(string file)
{
    /// <summary>Readers kept open; each has a page cache of at most 4 MiB.</summary>
    private static readonly int MaxIdle = Math.Max(4, 2 * Environment.ProcessorCount);

    private readonly Lock _lock = new();
    private readonly Stack<SqliteReader> _idle = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _rented;
    private bool _closed;

    /// <exception cref="ObjectDisposedException">The storage was closed.</exception>
    public SqliteReader Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqliteStorage));
            _rented++;
            if (_idle.TryPop(out var idle))
            {
                return idle;
            }
        }

        try
        {
            return new SqliteReader(file);
        }
        catch
        {
            Return(null);
            throw;
        }
    }

    /// <summary>Takes a reader back; <see langword="null"/> when it could not be opened.</summary>
    public void Return(SqliteReader? reader)
    {
        bool isLast;
        lock (_lock)
        {
            if (reader is not null && !_closed && _idle.Count < MaxIdle)
            {
                _idle.Push(reader);
                reader = null;
            }
        }

        reader?.Dispose();
        lock (_lock)
        {
            _rented--;
            isLast = _closed && _rented == 0;
        }

        if (isLast)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Refuses new readers, waits for those at work, and closes them all. Once.</summary>
    public async Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (_rented == 0)
            {
                _drained.TrySetResult();
            }
        }

        await _drained.Task.ConfigureAwait(false);
        foreach (var reader in _idle)
        {
            reader.Dispose();
        }
    }
}
