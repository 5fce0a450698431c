using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>
/// The salt of one device: turns values into <c>hmac-sha256:HEX</c> (HMAC-SHA256, RFC 2104, over the UTF-8 text of the
/// value). The same value always gives the same text, so that it can be searched for without being known.
/// </summary>
/// <remarks>Thread-safe. Disposing forgets the salt.</remarks>
internal sealed class AuditHasher : IDisposable
{
    public const int SaltBytes = 32;

    /// <summary>Length of <c>hmac-sha256:HEX</c>.</summary>
    public const int TextBytes = 12 + 64;

    private const int SmallNumbers = 256;

    private readonly SecretBuffer _salt;
    private readonly ConcurrentBag<IncrementalHash> _idle = [];
    private readonly byte[][] _small = new byte[SmallNumbers][];
    private readonly byte[] _true;
    private readonly byte[] _false;
    private readonly byte[] _empty;
    private readonly KnownTimes _times = new();
    private readonly ConditionalWeakTable<TokenEntry, TokenPieces> _tokens = [];

    /// <param name="salt">Copied.</param>
    public AuditHasher(ReadOnlySpan<byte> salt)
    {
        _salt = SecretBuffer.CopyOf(salt);
        Span<byte> digits = stackalloc byte[4];
        for (int i = 0; i < SmallNumbers; i++)
        {
            System.Buffers.Text.Utf8Formatter.TryFormat(i, digits, out int length);
            _small[i] = Compute(digits[..length]);
        }
        _true = Compute("true"u8);
        _false = Compute("false"u8);
        _empty = Compute([]);
    }

    /// <summary>What <c>sys/audit-hash</c> answers.</summary>
    public string Hash(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        try
        {
            return Encoding.ASCII.GetString(Compute(utf8));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(utf8);
        }
    }

    /// <summary>Appends <c>hmac-sha256:HEX</c>, unquoted, of a value's UTF-8 text.</summary>
    public void Append(AuditBuffer buffer, ReadOnlySpan<byte> utf8)
    {
        if (Known(utf8) is { } known)
        {
            buffer.Append(known);
            return;
        }
        bool isTime = KnownTimes.IsTime(utf8);
        if (isTime && _times.Find(utf8) is { } mac)
        {
            buffer.Append(mac);
            return;
        }
        int start = buffer.Length;
        Write(utf8, buffer);
        if (isTime)
            _times.Remember(utf8, buffer.Written[start..]);
    }

    /// <summary>Appends the quoted HMAC of a text.</summary>
    public void AppendQuoted(AuditBuffer buffer, string text)
    {
        Span<byte> space = text.Length <= 256 ? stackalloc byte[text.Length * 3] : new byte[text.Length * 3];
        int length = Encoding.UTF8.GetBytes(text, space);
        buffer.Append((byte)'"');
        Append(buffer, space[..length]);
        buffer.Append((byte)'"');
        CryptographicOperations.ZeroMemory(space);
    }

    /// <summary>The remembered piece of an entry that depends on the token alone; <see langword="null"/> when it is not rendered yet.</summary>
    public TokenPieces? PiecesOf(TokenEntry token) => _tokens.TryGetValue(token, out TokenPieces? pieces) ? pieces : null;

    public void Remember(TokenEntry token, TokenPieces pieces) => _tokens.AddOrUpdate(token, pieces);

    public void Dispose()
    {
        while (_idle.TryTake(out IncrementalHash? hash))
            hash.Dispose();
        _salt.Dispose();
    }

    // Values of few possibilities come again and again; their HMACs are kept.
    private byte[]? Known(ReadOnlySpan<byte> utf8)
    {
        switch (utf8.Length)
        {
            case 0:
                return _empty;
            case <= 3 when utf8[0] is >= (byte)'0' and <= (byte)'9':
                if (utf8[0] == (byte)'0' && utf8.Length > 1)
                    return null;
                int number = 0;
                foreach (byte digit in utf8)
                {
                    if (digit is not (>= (byte)'0' and <= (byte)'9'))
                        return null;
                    number = (number * 10) + (digit - '0');
                }
                return number < SmallNumbers ? _small[number] : null;
            case 4:
                return utf8.StartsWith("true"u8) ? _true : null;
            case 5:
                return utf8.StartsWith("false"u8) ? _false : null;
            default:
                return null;
        }
    }

    private void Write(ReadOnlySpan<byte> utf8, AuditBuffer buffer)
    {
        Span<byte> mac = stackalloc byte[32];
        if (!_idle.TryTake(out IncrementalHash? hash))
            hash = _salt.Use(0, static (salt, _) => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, salt));
        hash.AppendData(utf8);
        hash.GetHashAndReset(mac);
        _idle.Add(hash);
        buffer.Append("hmac-sha256:"u8);
        buffer.AppendHex(mac);
    }

    private byte[] Compute(ReadOnlySpan<byte> utf8)
    {
        var buffer = new AuditBuffer();
        Write(utf8, buffer);
        return buffer.Written.ToArray();
    }
}

/// <summary>What an entry says about a token, rendered once: its two HMACs cost more than the rest of the entry.</summary>
/// <param name="Auth">Members of <c>auth</c>, without braces.</param>
/// <param name="Request">The members <c>client_token</c> and <c>client_token_accessor</c> of <c>request</c>.</param>
internal sealed record TokenPieces(byte[] Auth, byte[] Request);
