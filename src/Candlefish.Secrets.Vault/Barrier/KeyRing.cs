using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>
/// The data keys of all terms. Values are encrypted under the newest; older terms only decrypt. An immutable snapshot:
/// a new term makes a new ring that shares the old keys.
/// </summary>
/// <remarks>
/// Serialized (inside the barrier's root-key envelope), big-endian:
/// <code>format(1)=1 ‖ count(4) ‖ count × { term(4) ‖ installed, ms since 1970 (8) ‖ encryptions(8) ‖ key(32) }</code>
/// </remarks>
internal sealed class KeyRing
{
    private const byte Format = 1;
    private const int EntryBytes = 4 + 8 + 8 + TermKey.KeyBytes;

    private readonly TermKey[] _terms;

    private KeyRing(TermKey[] terms) => _terms = terms;

    /// <summary>The term that encrypts.</summary>
    public TermKey Active => _terms[^1];

    /// <summary>A ring with one fresh key, term 1.</summary>
    public static KeyRing Create(DateTimeOffset now) => new([Fresh(1, now)]);

    /// <summary>A ring whose newest term is a fresh key.</summary>
    public KeyRing WithNewTerm(DateTimeOffset now) => new([.. _terms, Fresh(Active.Term + 1, now)]);

    public TermKey? Find(uint term)
    {
        // Terms are dense from 1, oldest first.
        long index = (long)term - _terms[0].Term;
        return index >= 0 && index < _terms.Length ? _terms[index] : null;
    }

    public byte[] Serialize()
    {
        byte[] bytes = new byte[5 + (_terms.Length * EntryBytes)];
        bytes[0] = Format;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), _terms.Length);
        Span<byte> at = bytes.AsSpan(5);
        foreach (TermKey term in _terms)
        {
            BinaryPrimitives.WriteUInt32BigEndian(at, term.Term);
            BinaryPrimitives.WriteInt64BigEndian(at[4..], term.Installed.ToUnixTimeMilliseconds());
            BinaryPrimitives.WriteInt64BigEndian(at[12..], term.Encryptions);
            term.CopyKeyTo(at.Slice(20, TermKey.KeyBytes));
            at = at[EntryBytes..];
        }
        return bytes;
    }

    /// <param name="uncounted">Encryptions that the run before may have made without recording them.</param>
    /// <exception cref="BarrierException">Not a key ring of a known format.</exception>
    public static KeyRing Parse(ReadOnlySpan<byte> bytes, long uncounted)
    {
        if (bytes.Length < 5 + EntryBytes || bytes[0] != Format)
            throw new BarrierException();
        int count = BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        if (count < 1 || bytes.Length != 5 + ((long)count * EntryBytes))
            throw new BarrierException();
        var terms = new TermKey[count];
        ReadOnlySpan<byte> at = bytes[5..];
        for (int i = 0; i < count; i++)
        {
            uint term = BinaryPrimitives.ReadUInt32BigEndian(at);
            long installedAt = BinaryPrimitives.ReadInt64BigEndian(at[4..]);
            long encryptions = BinaryPrimitives.ReadInt64BigEndian(at[12..]);
            bool isDense = i == 0 || term == terms[i - 1].Term + 1;
            if (!isDense || installedAt < 0 || installedAt > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() || encryptions < 0 || encryptions > long.MaxValue - uncounted)
                throw new BarrierException();
            var installed = DateTimeOffset.FromUnixTimeMilliseconds(installedAt);
            if (i == count - 1)
                encryptions += uncounted;
            terms[i] = new TermKey(term, SecretBuffer.CopyOf(at.Slice(20, TermKey.KeyBytes)), installed, encryptions);
            at = at[EntryBytes..];
        }
        return new KeyRing(terms);
    }

    public void DisposeAll()
    {
        foreach (TermKey term in _terms)
            term.Dispose();
    }

    private static TermKey Fresh(uint term, DateTimeOffset now)
    {
        Span<byte> key = stackalloc byte[TermKey.KeyBytes];
        RandomNumberGenerator.Fill(key);
        var fresh = new TermKey(term, SecretBuffer.CopyOf(key), now, 0);
        CryptographicOperations.ZeroMemory(key);
        return fresh;
    }
}
