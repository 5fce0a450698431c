using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>
/// The line between the vault and its untrusted storage: everything that passes is encrypted and authenticated under
/// the key ring, bound to its storage key.
/// </summary>
/// <remarks>
/// <para>The root key encrypts the key ring (<c>core/keyring</c>, layout of <see cref="TermKey"/> with term 0); the
/// seal protects the root key. Exists only while unsealed; <see cref="Dispose"/> zeroes all keys. Thread-safe.</para>
/// </remarks>
internal sealed class SecurityBarrier : IDisposable
{
    public const string KeyRingKey = "core/keyring";

    /// <summary>Encryptions between two recordings of the counter; also what a crash may leave uncounted.</summary>
    private const long CountedEvery = 1 << 18;

    /// <summary>A new term begins here: half of the limit of SP 800-38D §8.3.</summary>
    public const long MaxEncryptionsPerTerm = 1L << 31;

    private readonly IStorage _storage;
    private readonly TimeProvider _time;
    private readonly TermKey _rootKey;
    private readonly SemaphoreSlim _ringGate = new(1, 1);
    private long _recordedAt;
    private volatile KeyRing _ring;

    private SecurityBarrier(IStorage storage, TermKey rootKey, KeyRing ring, TimeProvider time)
    {
        _storage = storage;
        _time = time;
        _rootKey = rootKey;
        _ring = ring;
        _recordedAt = ring.Active.Encryptions;
    }

    /// <summary>The newest term: what <c>sys/key-status</c> shows.</summary>
    public TermKey ActiveTerm => _ring.Active;

    /// <summary>The active term has encrypted enough for its counter to be recorded.</summary>
    public bool WantsUpkeep => _ring.Active.Encryptions - Interlocked.Read(ref _recordedAt) >= CountedEvery;

    /// <summary>Makes the first key ring, encrypted under a new root key. Nothing is stored yet.</summary>
    public static byte[] CreateKeyRing(SecretBuffer rootKey, TimeProvider time)
    {
        KeyRing ring = KeyRing.Create(time.GetUtcNow());
        using TermKey root = RootTerm(rootKey);
        byte[] plain = ring.Serialize();
        try
        {
            return root.Encrypt(KeyRingKey, plain);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            ring.DisposeAll();
        }
    }

    /// <summary>Opens the barrier with the root key, which is copied.</summary>
    /// <exception cref="BarrierException">The root key is wrong or the key ring was changed.</exception>
    public static async ValueTask<SecurityBarrier> OpenAsync(IStorage storage, SecretBuffer rootKey, TimeProvider time, CancellationToken cancellation)
    {
        if (await storage.GetAsync(KeyRingKey, cancellation) is not { } stored)
            throw new BarrierException();
        TermKey root = RootTerm(rootKey);
        try
        {
            byte[] plain = DecryptKeyRing(root, stored.Value);
            try
            {
                return new SecurityBarrier(storage, root, KeyRing.Parse(plain, CountedEvery), time);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(plain);
            }
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction: buffered writes, recorded reads, one commit.</summary>
    public StorageTransaction Begin() => new(this);

    /// <summary>Reads one value outside any transaction. The caller owns the plaintext and zeroes it.</summary>
    /// <exception cref="BarrierException">The value is not authentic.</exception>
    public async ValueTask<(byte[] Plaintext, long Version)?> GetAsync(string key, CancellationToken cancellation)
    {
        if (await _storage.GetAsync(StorageNames.Of(key), cancellation) is not { } stored)
            return null;
        return (Decrypt(key, stored.Value), stored.Version);
    }

    public ValueTask<IReadOnlyList<string>> ListKeysAsync(string prefix, string after, int limit, CancellationToken cancellation) =>
        _storage.ListAsync(StorageNames.Of(prefix), StorageNames.Of(after), limit, cancellation);

    /// <summary>Encrypts and commits; false when an expected version did not hold.</summary>
    public async ValueTask<bool> CommitAsync(IEnumerable<KeyValuePair<string, byte[]?>> writes, IEnumerable<KeyValuePair<string, long>> expected, CancellationToken cancellation)
    {
        var batch = new StorageBatch();
        TermKey active = _ring.Active;
        foreach ((string key, byte[]? plaintext) in writes)
        {
            string name = StorageNames.Of(key);
            if (plaintext is null)
                batch.Delete(name);
            else
                batch.Put(name, active.Encrypt(key, plaintext));
        }
        foreach ((string key, long version) in expected)
            batch.Expect(StorageNames.Of(key), version);
        return (await _storage.CommitAsync(batch, cancellation)).IsCommitted;
    }

    /// <summary>
    /// Encrypts a value that the client keeps (a batch token), bound to a purpose that is no storage key.
    /// </summary>
    public byte[] EncryptFor(string purpose, ReadOnlySpan<byte> plaintext) => _ring.Active.Encrypt(purpose, plaintext);

    /// <summary>Opens what <see cref="EncryptFor"/> made. The caller owns the plaintext and zeroes it.</summary>
    /// <exception cref="BarrierException">The value is not authentic, or was made for another purpose.</exception>
    public byte[] DecryptFor(string purpose, byte[] value) => Decrypt(purpose, value);

    /// <summary>Deletes everything below a prefix, in bounded batches. Interrupted, it may be called again.</summary>
    public async ValueTask DeletePrefixAsync(string prefix, CancellationToken cancellation)
    {
        while (await _storage.ListAsync(StorageNames.Of(prefix), "", 1_000, cancellation) is { Count: > 0 } names)
        {
            var batch = new StorageBatch();
            foreach (string name in names)
                batch.Delete(name);
            await _storage.CommitAsync(batch, cancellation);
        }
    }

    /// <summary>Begins a new term (<c>sys/rotate</c>). Values of older terms stay readable.</summary>
    public async ValueTask RotateAsync(CancellationToken cancellation)
    {
        await _ringGate.WaitAsync(cancellation);
        try
        {
            KeyRing next = _ring.WithNewTerm(_time.GetUtcNow());
            await StoreRingAsync(next, cancellation);
            _ring = next;
        }
        finally
        {
            _ringGate.Release();
        }
    }

    /// <summary>Makes the encryption counter of the active term durable.</summary>
    public async ValueTask RecordCounterAsync(CancellationToken cancellation)
    {
        await _ringGate.WaitAsync(cancellation);
        try
        {
            await StoreRingAsync(_ring, cancellation);
        }
        finally
        {
            _ringGate.Release();
        }
    }

    /// <summary>The root key, for what only it may open (rewrapping it under another seal). The caller disposes it.</summary>
    public SecretBuffer CopyRootKey()
    {
        Span<byte> key = stackalloc byte[TermKey.KeyBytes];
        _rootKey.CopyKeyTo(key);
        SecretBuffer copy = SecretBuffer.CopyOf(key);
        CryptographicOperations.ZeroMemory(key);
        return copy;
    }

    public void Dispose()
    {
        _ring.DisposeAll();
        _rootKey.Dispose();
        _ringGate.Dispose();
    }

    private byte[] Decrypt(string key, byte[] stored)
    {
        TermKey? term = TermKey.TermOf(stored) is { } number ? _ring.Find(number) : null;
        return term is null ? throw new BarrierException(key) : term.Decrypt(key, stored);
    }

    private async ValueTask StoreRingAsync(KeyRing ring, CancellationToken cancellation)
    {
        byte[] plain = ring.Serialize();
        try
        {
            await _storage.CommitAsync(new StorageBatch().Put(KeyRingKey, _rootKey.Encrypt(KeyRingKey, plain)), cancellation);
            Interlocked.Exchange(ref _recordedAt, ring.Active.Encryptions);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static byte[] DecryptKeyRing(TermKey root, byte[] stored)
    {
        if (TermKey.TermOf(stored) != 0)
            throw new BarrierException();
        try
        {
            return root.Decrypt(KeyRingKey, stored);
        }
        catch (BarrierException)
        {
            throw new BarrierException();
        }
    }

    private static TermKey RootTerm(SecretBuffer rootKey) =>
        new(0, rootKey.Use(0, static (key, _) => SecretBuffer.CopyOf(key)), DateTimeOffset.UnixEpoch, 0);
}
