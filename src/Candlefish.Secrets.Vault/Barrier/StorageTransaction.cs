using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>
/// One request's view of storage: sees its own writes, remembers the version of what it read, commits once.
/// </summary>
/// <remarks>
/// A commit fails when anything that was read has changed since: the pipeline then runs the request again on a fresh
/// transaction. Listings are not part of that check. Plaintext handed out by <see cref="GetAsync"/> belongs to the
/// transaction and is zeroed by <see cref="Dispose"/>: copy what must live longer, change nothing in place.
/// Not thread-safe.
/// </remarks>
public sealed class StorageTransaction : IDisposable
{
    /// <summary>Stands in before the transaction begins; every use fails.</summary>
    public static readonly StorageTransaction None = new(null);

    private readonly SecurityBarrier? _barrier;
    private readonly Dictionary<string, byte[]?> _writes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (byte[]? Plaintext, long Version)> _reads = new(StringComparer.Ordinal);
    private List<Action>? _afterCommit;
    private bool _checksWithoutWrites;

    internal StorageTransaction(SecurityBarrier? barrier) => _barrier = barrier;

    public bool HasWrites => _writes.Count > 0;

    /// <summary>Reads a value; <see langword="null"/> when the key does not exist, or cannot: too long, or holding NUL.</summary>
    /// <exception cref="BarrierException">The value is not authentic.</exception>
    public async ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellation)
    {
        if (_writes.TryGetValue(key, out byte[]? written))
            return written;
        if (_reads.TryGetValue(key, out var seen))
            return seen.Plaintext;
        if (!StorageKey.IsKey(key))
            return null;
        (byte[] Plaintext, long Version)? stored = await Barrier.GetAsync(key, cancellation);
        _reads[key] = stored is { } s ? (s.Plaintext, s.Version) : (null, 0);
        return stored?.Plaintext;
    }

    /// <summary>Writes a value at commit; the transaction owns the array.</summary>
    public void Put(string key, byte[] plaintext)
    {
        ForgetWrite(key);
        _writes[key] = plaintext;
    }

    /// <summary>Deletes at commit; a missing key is no error.</summary>
    public void Delete(string key)
    {
        ForgetWrite(key);
        _writes[key] = null;
    }

    /// <summary>
    /// Names directly below <paramref name="prefix"/> (which is empty or ends in a slash), relative to it, in order;
    /// deeper keys appear once as <c>folder/</c>. Only names after <paramref name="after"/>, at most <paramref name="limit"/>.
    /// </summary>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, string after, int limit, CancellationToken cancellation) =>
        KeyListing.ChildrenAsync(Barrier, _writes, prefix, after, limit, cancellation);

    /// <summary>All keys below <paramref name="prefix"/>, relative to it, in order.</summary>
    public ValueTask<IReadOnlyList<string>> ScanAsync(string prefix, string after, int limit, CancellationToken cancellation) =>
        KeyListing.AllAsync(Barrier, _writes, prefix, after, limit, cancellation);

    /// <summary>Runs after a successful commit, before it is reported.</summary>
    public void AfterCommit(Action action) => (_afterCommit ??= []).Add(action);

    /// <summary>
    /// The commit fails on changed reads also when nothing was written: for an answer that must not rest on what others
    /// have changed meanwhile.
    /// </summary>
    public void CheckWithoutWrites() => _checksWithoutWrites = true;

    /// <summary>
    /// Makes the writes durable; true also when there were none. False: something that was read has changed, nothing was
    /// written, begin again.
    /// </summary>
    internal async ValueTask<bool> CommitAsync(CancellationToken cancellation)
    {
        if (_writes.Count > 0 || _checksWithoutWrites)
        {
            var expected = _reads.Select(r => KeyValuePair.Create(r.Key, r.Value.Version));
            if (!await Barrier.CommitAsync(_writes, expected, cancellation))
                return false;
        }
        foreach (Action action in _afterCommit ?? [])
            action();
        return true;
    }

    /// <summary>Zeroes every plaintext that passed through.</summary>
    public void Dispose()
    {
        foreach (byte[]? written in _writes.Values)
            CryptographicOperations.ZeroMemory(written);
        foreach ((byte[]? plaintext, _) in _reads.Values)
            CryptographicOperations.ZeroMemory(plaintext);
        _writes.Clear();
        _reads.Clear();
    }

    private SecurityBarrier Barrier => _barrier ?? throw new InvalidOperationException("no transaction has begun");

    private void ForgetWrite(string key)
    {
        if (_writes.TryGetValue(key, out byte[]? old))
            CryptographicOperations.ZeroMemory(old);
    }
}
