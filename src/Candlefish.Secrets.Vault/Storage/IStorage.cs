namespace Candlefish.Secrets.Vault.Storage;

/// <summary>
/// Untrusted, ordered key/value storage: the four methods that a new storage backend writes.
/// </summary>
/// <remarks>
/// <para>Storage sees only names and ciphertext, and is believed in nothing: what comes back is
/// authenticated by the barrier. A storage promises:</para>
/// <list type="bullet">
/// <item><b>Order.</b> Keys are non-empty text of at most 4,096 UTF-8 bytes without NUL, ordered by their UTF-8 bytes.</item>
/// <item><b>Atomicity.</b> A batch takes effect whole or not at all, also across <c>kill -9</c>.</item>
/// <item><b>Durability.</b> When <see cref="CommitAsync"/> returns <see cref="CommitResult.Committed"/>, the batch
/// survives the end of the process and the loss of power.</item>
/// <item><b>Isolation.</b> Expected versions are checked in the same atomic step that writes.</item>
/// <item><b>Freshness.</b> A read that begins after a commit returned sees that commit.</item>
/// </list>
/// <para>Thread-safe. Failures of the medium are <see cref="StorageException"/>.</para>
/// </remarks>
public interface IStorage : IAsyncDisposable
{
    /// <summary>Reads one value and its version; <see langword="null"/> when the key does not exist.</summary>
    ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// Lists existing keys that start with <paramref name="prefix"/> (may be empty = all) and sort strictly after
    /// <paramref name="after"/> (empty = from the start), in order, at most <paramref name="limit"/> (1..10,000) of them.
    /// Keys are whole: grouping into folders is the barrier's work.
    /// </summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string prefix, string after, int limit, CancellationToken cancellation);

    /// <summary>
    /// Applies a batch if every expected version holds. Nothing is written on
    /// <see cref="CommitResult.Conflict"/>. Once the medium was touched the token is no longer obeyed.
    /// A batch without writes only checks, and moves no sequence.
    /// </summary>
    ValueTask<CommitResult> CommitAsync(StorageBatch batch, CancellationToken cancellation);

    /// <summary>
    /// The ordered feed of committed changes with a sequence greater than <paramref name="from"/>; pass
    /// <see cref="LatestSequence"/> to get only what comes after this call. Never ends until cancelled. A feed that has
    /// lost its place (history trimmed, or <paramref name="from"/> lies in the future) yields one
    /// <see cref="StorageChange"/> with a <see langword="null"/> key and the latest sequence: "anything up to here may
    /// have changed". All changes of one commit carry its sequence, so whoever stops inside a commit resumes
    /// from the sequence before it.
    /// </summary>
    IAsyncEnumerable<StorageChange> Changes(long from, CancellationToken cancellation);

    /// <summary>Pass to <see cref="Changes"/> to start at the present.</summary>
    const long LatestSequence = -1;
}

/// <summary>A value as stored, and the version that the last write of its key received.</summary>
/// <param name="Value">Opaque bytes, at most 32 MiB. The caller owns the array.</param>
/// <param name="Version">Greater than 0, and greater after each write of the key, also after a delete and a new write.</param>
public readonly record struct StoredValue(byte[] Value, long Version);

/// <summary>One committed change of the feed.</summary>
public readonly record struct StorageChange(long Sequence, string? Key);

/// <summary>What became of a batch. <see cref="Sequence"/> is the position of the commit in the change feed.</summary>
public readonly record struct CommitResult(bool IsCommitted, long Sequence)
{
    /// <summary>The batch is durable.</summary>
    public static CommitResult Committed(long sequence) => new(true, sequence);

    /// <summary>An expected version did not hold; nothing was written.</summary>
    public static CommitResult Conflict => new(false, 0);
}

/// <summary>
/// Puts, deletes and expected versions that are applied together. The order of puts and deletes does not matter:
/// each key may be written at most once in a batch.
/// </summary>
public sealed class StorageBatch
{
    private readonly Dictionary<string, byte[]?> _writes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _expected = new(StringComparer.Ordinal);

    /// <summary>Key to new value; <see langword="null"/> deletes (a missing key is no error).</summary>
    public IReadOnlyDictionary<string, byte[]?> Writes => _writes;

    /// <summary>Key to the version it must have when the batch is applied; 0 = must not exist.</summary>
    public IReadOnlyDictionary<string, long> Expected => _expected;

    /// <summary>Stores <paramref name="value"/>; the batch owns the array from now on.</summary>
    public StorageBatch Put(string key, byte[] value)
    {
        _writes[key] = value;
        return this;
    }

    public StorageBatch Delete(string key)
    {
        _writes[key] = null;
        return this;
    }

    public StorageBatch Expect(string key, long version)
    {
        _expected[key] = version;
        return this;
    }
}

/// <summary>
/// The medium failed: disk full, I/O error, corrupt file. The message names the cause and never a value.
/// </summary>
public sealed class StorageException : Exception
{
    public StorageException(string message) : base(message)
    {
    }

    public StorageException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>Writes fail but reads go on: no space left, or a read-only file system.</summary>
    public bool IsFull { get; init; }

    /// <summary>
    /// The medium broke its promise (a failed fsync, a damaged file): this process must never acknowledge a write
    /// again. Whoever sees it seals and ends the process; the next start recovers from what is on the disk.
    /// </summary>
    public bool MustRestart { get; init; }
}
