using System.Runtime.CompilerServices;

namespace Candlefish.Secrets.Vault.Storage;

/// <summary>
/// The change feed of a storage that one process owns: the newest changes in a ring in memory, and any number of
/// readers, each at its own place. A reader whose place was overwritten, or that asks for history from before the
/// process started, receives one change with a <see langword="null"/> key and goes on from the present.
/// </summary>
/// <remarks>Thread-safe. <see cref="Publish"/> never waits for readers.</remarks>
public sealed class ChangeFeed
{
    /// <summary>How many changes are remembered unless told otherwise.</summary>
    public const int DefaultCapacity = 65_536;

    private const int ChunkSize = 256;

    private readonly Lock _lock = new();
    private readonly StorageChange[] _ring;
    private long _end;
    private long _latest;
    private long _lostUpTo;
    private bool _closed;
    private TaskCompletionSource? _published;

    /// <param name="latest">Sequence of the last commit before this process; 0 for a new storage.</param>
    /// <param name="capacity">Number of changes that are remembered.</param>
    public ChangeFeed(long latest, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(latest);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _ring = new StorageChange[capacity];
        _latest = latest;
        _lostUpTo = latest;
    }

    /// <summary>Appends the changes of one commit. Sequences must increase from call to call.</summary>
    public void Publish(long sequence, IReadOnlyCollection<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sequence, _latest);
            foreach (var key in keys)
            {
                ref var slot = ref _ring[_end % _ring.Length];
                if (_end >= _ring.Length)
                {
                    _lostUpTo = slot.Sequence;
                }

                slot = new StorageChange(sequence, key);
                _end++;
            }

            _latest = sequence;
            waiting = _published;
            _published = null;
        }

        waiting?.TrySetResult();
    }

    /// <summary>
    /// Changes with a sequence greater than <paramref name="from"/>. "The present" is the moment of this call, not of
    /// the first read, so that a caller can subscribe, load its state, and then follow.
    /// </summary>
    /// <exception cref="ObjectDisposedException">From the enumeration, after <see cref="Close"/>.</exception>
    public IAsyncEnumerable<StorageChange> Read(long from, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, IStorage.LatestSequence);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(IStorage));
            return Follow(from == IStorage.LatestSequence ? _latest : from, cancellation);
        }
    }

    /// <summary>Ends every enumeration with <see cref="ObjectDisposedException"/>.</summary>
    public void Close()
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _closed = true;
            waiting = _published;
            _published = null;
        }

        waiting?.TrySetResult();
    }

    private async IAsyncEnumerable<StorageChange> Follow(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var place = new Place(from, Position: -1);
        var chunk = new StorageChange[ChunkSize];
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Take(ref place, chunk, out var next);
            if (next is not null)
            {
                await next.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            for (var i = 0; i < count; i++)
            {
                yield return chunk[i];
            }
        }
    }

    /// <summary>Copies what follows <paramref name="place"/>, or hands out the task that ends with the next commit.</summary>
    private int Take(ref Place place, StorageChange[] chunk, out Task? next)
    {
        next = null;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(IStorage));
            var oldest = Math.Max(0, _end - _ring.Length);
            var isLost = place.Position < 0 ? place.From < _lostUpTo || place.From > _latest : place.Position < oldest;
            if (isLost)
            {
                place = new Place(_latest, _end);
                chunk[0] = new StorageChange(_latest, null);
                return 1;
            }

            var position = place.Position < 0 ? FirstAfter(place.From, oldest) : place.Position;
            var count = (int)Math.Min(_end - position, chunk.Length);
            for (var i = 0; i < count; i++)
            {
                chunk[i] = _ring[(position + i) % _ring.Length];
            }

            place = place with { Position = position + count };
            if (count == 0)
            {
                _published ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                next = _published.Task;
            }

            return count;
        }
    }

    private long FirstAfter(long from, long oldest)
    {
        var (low, high) = (oldest, _end);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_ring[middle % _ring.Length].Sequence > from)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Where a reader is: by sequence until it has found its position, then by position.</summary>
    private readonly record struct Place(long From, long Position);
}
