using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>An in-memory storage whose commits fail when told to: a disk that breaks in the middle of an operation.</summary>
public sealed class BreakableStorage : IStorage
{
    private readonly InMemoryStorage _inner = new();
    private int _commitsLeft = int.MaxValue;

    /// <summary>Commits since the start.</summary>
    public int Commits { get; private set; }

    /// <summary>Lets <paramref name="commits"/> more commits through; those after them fail.</summary>
    public void BreakAfter(int commits) => Volatile.Write(ref _commitsLeft, commits);

    public void Repair() => Volatile.Write(ref _commitsLeft, int.MaxValue);

    public ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellation) => _inner.GetAsync(key, cancellation);

    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, string after, int limit, CancellationToken cancellation) =>
        _inner.ListAsync(prefix, after, limit, cancellation);

    public ValueTask<CommitResult> CommitAsync(StorageBatch batch, CancellationToken cancellation)
    {
        if (Interlocked.Decrement(ref _commitsLeft) < 0)
            throw new StorageException("the test broke the storage");
        Commits++;
        return _inner.CommitAsync(batch, cancellation);
    }

    public IAsyncEnumerable<StorageChange> Changes(long from, CancellationToken cancellation) => _inner.Changes(from, cancellation);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
