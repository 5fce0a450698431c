namespace Candlefish.Secrets.Vault.Storage;

/// <summary>
/// A storage that lives and dies with the process: for <c>candlefish-secrets dev</c>, for tests, and as the model that
/// <c>StorageContract</c> compares the durable storages with.
/// </summary>
/// <remarks>Thread-safe: one lock, held only for the time of a look-up. Every call completes synchronously.</remarks>
public sealed class InMemoryStorage : IStorage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoredValue> _values = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keys = new(StorageKey.Order);
    private readonly ChangeFeed _feed = new(latest: 0);
    private long _sequence;
    private bool _disposed;

    /// <inheritdoc/>
    public ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        StorageKey.Check(key);
        StoredValue stored;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_values.TryGetValue(key, out stored))
            {
                return new ValueTask<StoredValue?>((StoredValue?)null);
            }
        }

        return new ValueTask<StoredValue?>(stored with { Value = stored.Value.AsSpan().ToArray() });
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, string after, int limit, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        StorageKey.CheckList(prefix, after, limit);
        var found = new List<string>();
        var start = StorageKey.Order.Compare(after, prefix) > 0 ? after : prefix;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var last = _keys.Max;
            if (last is null || StorageKey.Order.Compare(start, last) > 0)
            {
                return new ValueTask<IReadOnlyList<string>>(found);
            }

            foreach (var key in _keys.GetViewBetween(start, last))
            {
                if (found.Count == limit || !key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    break;
                }

                if (!string.Equals(key, after, StringComparison.Ordinal))
                {
                    found.Add(key);
                }
            }
        }

        return new ValueTask<IReadOnlyList<string>>(found);
    }

    /// <inheritdoc/>
    public ValueTask<CommitResult> CommitAsync(StorageBatch batch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        StorageKey.CheckBatch(batch);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var (key, version) in batch.Expected)
            {
                if (_values.GetValueOrDefault(key).Version != version)
                {
                    return new ValueTask<CommitResult>(CommitResult.Conflict);
                }
            }

            if (batch.Writes.Count > 0)
            {
                Apply(batch);
            }

            return new ValueTask<CommitResult>(CommitResult.Committed(_sequence));
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StorageChange> Changes(long from, CancellationToken cancellation) => _feed.Read(from, cancellation);

    /// <summary>Forgets everything; calls after it throw <see cref="ObjectDisposedException"/>.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
            _values.Clear();
            _keys.Clear();
        }

        _feed.Close();
        return ValueTask.CompletedTask;
    }

    private void Apply(StorageBatch batch)
    {
        _sequence++;
        foreach (var (key, value) in batch.Writes)
        {
            if (value is null)
            {
                _values.Remove(key);
                _keys.Remove(key);
            }
            else
            {
                _values[key] = new StoredValue(value, _sequence);
                _keys.Add(key);
            }
        }

        _feed.Publish(_sequence, [.. batch.Writes.Keys]);
    }
}
