using Candlefish.Secrets.Vault.Storage;
using SQLitePCL;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// The one thread that writes and checkpoints. It takes all batches that are waiting, applies those whose expected
/// versions hold in one transaction, and answers after COMMIT has returned, so many callers share one fsync and a lone
/// caller waits for nobody.
/// </summary>
/// <remarks>
/// <para>A failed transaction fails all its batches, also those in conflict: the conflict was seen against writes that
/// were taken back.</para>
/// <para>After a failed sync or damage the writer is poisoned: the kernel may have dropped the unwritten pages and
/// report success next time, so no later answer could be believed (architecture: crash rather than guess).</para>
/// </remarks>
internal sealed class SqliteWriter : IDisposable
{
    /// <summary>Pages of 4 KiB in the log after which they are moved into the database (16 MiB).</summary>
    private const int CheckpointPages = 4096;

    /// <summary>Pages in the log from which on the checkpoint waits for readers, so that the log starts again (64 MiB).</summary>
    private const int MaxLogPages = 16_384;

    private readonly SqliteDatabase _database;
    private readonly CommitQueue _queue = new();
    private readonly ChangeFeed _feed;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _commit;
    private readonly sqlite3_stmt _version;
    private readonly sqlite3_stmt _put;
    private readonly sqlite3_stmt _delete;
    private readonly sqlite3_stmt _saveSequence;
    private long _sequence;
    private int _pagesSinceCheckpoint;
    private bool _inheritsLog;
    private StorageException? _poison;

    /// <param name="database">A writer connection; owned from now on, also when this throws.</param>
    /// <param name="sequence">Sequence of the last commit.</param>
    /// <param name="feed">Learns of every commit before its caller does.</param>
    public SqliteWriter(SqliteDatabase database, long sequence, ChangeFeed feed)
    {
        _database = database;
        _sequence = sequence;
        _feed = feed;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _version = database.Prepare("SELECT version FROM kv WHERE key = ?1");
        _put = database.Prepare(
            "INSERT INTO kv(key, version, value) VALUES (?1, ?2, ?3) ON CONFLICT(key) DO UPDATE SET version = excluded.version, value = excluded.value");
        _delete = database.Prepare("DELETE FROM kv WHERE key = ?1");
        _saveSequence = database.Prepare("UPDATE meta SET value = ?1 WHERE name = 'sequence'");
        _inheritsLog = true;
        AbsorbLogAtStart();
        _thread = new Thread(Run) { Name = "candlefish storage writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Queues a batch; the result comes when it is durable.</summary>
    public async ValueTask<CommitResult> CommitAsync(PendingCommit commit)
    {
        await _queue.AddAsync(commit, commit.Cancellation).ConfigureAwait(false);
        return await commit.Task.ConfigureAwait(false);
    }

    /// <summary>Lets nothing more in, and ends when everything queued was answered. The connection stays open.</summary>
    public Task DrainAsync()
    {
        _queue.Close();
        return _ended.Task;
    }

    /// <summary>Closes the connection, after <see cref="DrainAsync"/>. As the last one it empties the log.</summary>
    public void Dispose()
    {
        if (_poison is not null)
        {
            _database.KeepLogOnClose();
        }

        _database.Dispose();
    }

    private void Run()
    {
        var group = new List<PendingCommit>();
        while (_queue.Take(group))
        {
            if (Write(group) is { } fault)
            {
                foreach (var commit in group)
                {
                    commit.TrySetException(Again(fault));
                }
            }
            else
            {
                Announce(group);
                CheckpointWhenDue();
            }

            group.Clear();
        }

        _ended.TrySetResult();
    }

    /// <summary>One transaction for the group. Returns why it failed, in which case nothing of it was written.</summary>
    private StorageException? Write(List<PendingCommit> group)
    {
        if (_poison is not null)
        {
            return _poison;
        }

        try
        {
            AbsorbInheritedLog();
            var sequence = _sequence;
            _database.Run(_begin);
            foreach (var commit in group)
            {
                Apply(commit, ref sequence);
            }

            if (sequence != _sequence)
            {
                _database.Bind(_saveSequence, 1, sequence);
                _database.Run(_saveSequence);
            }

            _database.Run(_commit);
            _sequence = sequence;
            return null;
        }
        catch (Exception e)
        {
            return TakeBack(e);
        }
    }

    private void Apply(PendingCommit commit, ref long sequence)
    {
        if (commit.Cancellation.IsCancellationRequested)
        {
            commit.TrySetCanceled(commit.Cancellation);
            return;
        }

        foreach (var (key, version) in commit.Expected)
        {
            if (CurrentVersion(key) != version)
            {
                commit.Outcome = CommitResult.Conflict;
                return;
            }
        }

        if (commit.Writes.Length > 0)
        {
            sequence++;
        }

        foreach (var (key, value) in commit.Writes)
        {
            var statement = value is null ? _delete : _put;
            _database.Bind(statement, 1, key);
            if (value is not null)
            {
                _database.Bind(statement, 2, sequence);
                _database.Bind(statement, 3, value);
            }

            _database.Run(statement);
        }

        commit.Outcome = CommitResult.Committed(sequence);
    }

    /// <summary>Version as the open transaction sees it; 0 when the key does not exist.</summary>
    private long CurrentVersion(byte[] key)
    {
        _database.Bind(_version, 1, key);
        try
        {
            return _database.Step(_version) ? raw.sqlite3_column_int64(_version, 0) : 0;
        }
        finally
        {
            _ = raw.sqlite3_reset(_version);
        }
    }

    private StorageException TakeBack(Exception cause)
    {
        var fault = cause as StorageException
            ?? new StorageException("The storage writer failed unexpectedly, so nothing more is written: restart the server.", cause) { MustRestart = true };
        try
        {
            _database.RollBack();
        }
        catch (StorageException e)
        {
            fault = new StorageException(e.Message, cause) { MustRestart = true };
        }

        if (fault.MustRestart)
        {
            _poison = fault;
        }

        return fault;
    }

    private void Announce(List<PendingCommit> group)
    {
        foreach (var commit in group)
        {
            if (commit.Task.IsCompleted)
            {
                continue;
            }

            if (commit.Outcome.IsCommitted && commit.Names.Length > 0)
            {
                _feed.Publish(commit.Outcome.Sequence, commit.Names);
            }

            commit.TrySetResult(commit.Outcome);
        }
    }

    /// <summary>
    /// Moves the log of an earlier process into the database, and so onto freshly written and synced pages: after a sync
    /// that failed there, the log may look whole in the page cache and have holes on the disk.
    /// </summary>
    private void AbsorbInheritedLog()
    {
        if (_inheritsLog)
        {
            _inheritsLog = _database.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE) != 0;
        }
    }

    private void AbsorbLogAtStart()
    {
        try
        {
            AbsorbInheritedLog();
        }
        catch (StorageException e) when (e.IsFull)
        {
            // A full disk must not keep reads from starting; the first commit absorbs the log or fails the same way.
            _inheritsLog = true;
        }
    }

    private void CheckpointWhenDue()
    {
        _pagesSinceCheckpoint += _database.TakePagesWritten();
        if (_pagesSinceCheckpoint < CheckpointPages)
        {
            return;
        }

        _pagesSinceCheckpoint = 0;
        try
        {
            if (_database.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE) > MaxLogPages)
            {
                _ = _database.Checkpoint(raw.SQLITE_CHECKPOINT_RESTART);
            }
        }
        catch (StorageException e)
        {
            // Every commit is safe in the log. Only a failed sync or damage forbids more of them.
            if (e.MustRestart)
            {
                _poison = e;
            }
        }
    }

    /// <summary>Every waiter gets an exception of its own, because being thrown changes it.</summary>
    private static StorageException Again(StorageException fault) =>
        new(fault.Message, fault) { IsFull = fault.IsFull, MustRestart = fault.MustRestart };
}
