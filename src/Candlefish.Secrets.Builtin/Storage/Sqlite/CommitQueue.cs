using System.Diagnostics.CodeAnalysis;

namespace Candlefish.Secrets.Builtin.Storage.Sqlite;

/// <summary>
/// The bounded queue between callers, which wait asynchronously for room, and the writer thread, which waits as a thread:
/// a commit needs no thread of the pool to make progress.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds no handle, and whoever still waits for room after the end must wake up and be refused.")]
internal sealed class CommitQueue
{
    private const int Capacity = 1024;
    private const int MaxGroup = 512;
    private const long MaxGroupBytes = 16 * 1024 * 1024;

    private readonly SemaphoreSlim _room = new(Capacity, Capacity);
    private readonly Queue<PendingCommit> _queue = new();
    private readonly object _gate = new();
    private bool _closed;

    /// <exception cref="ObjectDisposedException">The storage was closed.</exception>
    public async ValueTask AddAsync(PendingCommit commit, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_closed)
            {
                _queue.Enqueue(commit);
                Monitor.Pulse(_gate);
                return;
            }
        }

        _room.Release();
        throw new ObjectDisposedException(nameof(SqliteStorage));
    }

    /// <summary>
    /// Takes what is queued, up to a transaction's worth, and waits only when nothing is. <see langword="false"/> when
    /// the queue is closed and empty.
    /// </summary>
    public bool Take(List<PendingCommit> group)
    {
        var taken = 0;
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            for (long bytes = 0; taken < MaxGroup && _queue.TryPeek(out var next); taken++)
            {
                bytes += next.Bytes;
                if (taken > 0 && bytes > MaxGroupBytes)
                {
                    break;
                }

                group.Add(_queue.Dequeue());
            }
        }

        _room.Release(taken);
        return true;
    }

    /// <summary>Lets nothing more in. What is queued is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }
}
