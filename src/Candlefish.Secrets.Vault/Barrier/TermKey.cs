using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>
/// The data key of one term: AES-256-GCM with the storage key as associated data.
/// </summary>
/// <remarks>
/// <para>NIST SP 800-38D; key 32 bytes, nonce 12 random bytes, tag 16 bytes. Layout of a stored value:</para>
/// <code>
/// offset  0        1          5           17
///         version  term (BE)  nonce (12)  ciphertext … tag (16)
/// </code>
/// <para>Version is 1. Overhead <see cref="Overhead"/> = 33 bytes. At most 2^32 encryptions with one key: the key ring
/// begins a new term long before. Thread-safe.</para>
/// </remarks>
internal sealed class TermKey : IDisposable
{
    public const int KeyBytes = 32;
    public const int Overhead = 1 + 4 + NonceBytes + TagBytes;
    public const byte LayoutVersion = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + 4 + NonceBytes;

    private readonly ConcurrentBag<AesGcm> _idle = [];
    private readonly SecretBuffer _key;
    private long _encryptions;

    /// <param name="key">Owned from now on.</param>
    public TermKey(uint term, SecretBuffer key, DateTimeOffset installed, long encryptions)
    {
        Term = term;
        _key = key;
        Installed = installed;
        _encryptions = encryptions;
    }

    public uint Term { get; }

    public DateTimeOffset Installed { get; }

    /// <summary>Encryptions so far, including what earlier runs may not have counted.</summary>
    public long Encryptions => Interlocked.Read(ref _encryptions);

    public void CopyKeyTo(Span<byte> destination) => _key.Use(destination, static (key, to) => key.CopyTo(to));

    public byte[] Encrypt(string storageKey, ReadOnlySpan<byte> plaintext)
    {
        byte[] stored = GC.AllocateUninitializedArray<byte>(Overhead + plaintext.Length);
        stored[0] = LayoutVersion;
        BinaryPrimitives.WriteUInt32BigEndian(stored.AsSpan(1), Term);
        Span<byte> nonce = stored.AsSpan(5, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Interlocked.Increment(ref _encryptions);
        AesGcm aes = Rent();
        try
        {
            Span<byte> aad = stackalloc byte[AadStackBytes];
            aes.Encrypt(nonce, plaintext, stored.AsSpan(HeaderBytes, plaintext.Length), stored.AsSpan(HeaderBytes + plaintext.Length), Aad(storageKey, aad));
        }
        finally
        {
            _idle.Add(aes);
        }
        return stored;
    }

    /// <exception cref="BarrierException">The value is not authentic.</exception>
    public byte[] Decrypt(string storageKey, ReadOnlySpan<byte> stored)
    {
        byte[] plaintext = GC.AllocateUninitializedArray<byte>(stored.Length - Overhead);
        AesGcm aes = Rent();
        try
        {
            Span<byte> aad = stackalloc byte[AadStackBytes];
            aes.Decrypt(stored.Slice(5, NonceBytes), stored[HeaderBytes..^TagBytes], stored[^TagBytes..], plaintext, Aad(storageKey, aad));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new BarrierException(storageKey);
        }
        finally
        {
            _idle.Add(aes);
        }
    }

    /// <summary>The term that a stored value names; <see langword="null"/> when it is no stored value.</summary>
    public static uint? TermOf(ReadOnlySpan<byte> stored) =>
        stored.Length >= Overhead && stored[0] == LayoutVersion ? BinaryPrimitives.ReadUInt32BigEndian(stored[1..]) : null;

    public void Dispose()
    {
        while (_idle.TryTake(out AesGcm? aes))
            aes.Dispose();
        _key.Dispose();
    }

    private AesGcm Rent()
    {
        // AesGcm keeps a cipher context and is not safe for concurrent use: each user takes one of its own.
        if (_idle.TryTake(out AesGcm? idle))
            return idle;
        return _key.Use(0, static (key, _) => new AesGcm(key, TagBytes));
    }

    private const int AadStackBytes = 512;

    private static ReadOnlySpan<byte> Aad(string storageKey, Span<byte> scratch) =>
        Encoding.UTF8.TryGetBytes(storageKey, scratch, out int written) ? scratch[..written] : Encoding.UTF8.GetBytes(storageKey);
}
