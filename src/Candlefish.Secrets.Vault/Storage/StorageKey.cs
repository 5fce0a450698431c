using System.Text;

namespace Candlefish.Secrets.Vault.Storage;

/// <summary>
/// The rule that every storage applies to its keys, so that a key which one accepts is accepted by all:
/// non-empty, well-formed text without NUL, at most <see cref="MaxBytes"/> UTF-8 bytes.
/// </summary>
public static class StorageKey
{
    /// <summary>Longest key in UTF-8 bytes.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Longest value in bytes (32 MiB).</summary>
    public const int MaxValueBytes = 32 * 1024 * 1024;

    /// <summary>Most keys that one listing returns.</summary>
    public const int MaxListLimit = 10_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Orders keys by their UTF-8 bytes, which for well-formed text is the order of code points.</summary>
    public static IComparer<string> Order { get; } = new CodePointOrder();

    /// <summary>Checks a key and returns its UTF-8 bytes in a new array.</summary>
    /// <exception cref="ArgumentException">Empty, too long, holds NUL, or an unpaired surrogate.</exception>
    public static byte[] Encode(string key)
    {
        Check(key);
        return Strict.GetBytes(key);
    }

    /// <summary>
    /// Checks a key and writes its UTF-8 bytes into <paramref name="buffer"/>, or into a new array when that is too
    /// short. The result is valid as long as the buffer is.
    /// </summary>
    /// <exception cref="ArgumentException">Empty, too long, holds NUL, or an unpaired surrogate.</exception>
    public static ReadOnlySpan<byte> Encode(string key, Span<byte> buffer)
    {
        var length = Check(key);
        if (length > buffer.Length)
        {
            return Strict.GetBytes(key);
        }

        return buffer[..Strict.GetBytes(key, buffer)];
    }

    /// <summary>Checks the arguments of a listing. Prefix and start may be empty, and need not be keys themselves.</summary>
    /// <exception cref="ArgumentException">Text that is not well-formed, or a limit outside 1..10,000.</exception>
    public static void CheckList(string prefix, string after, int limit)
    {
        CountBytes(prefix, nameof(prefix));
        CountBytes(after, nameof(after));
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxListLimit);
    }

    /// <summary>Checks every key, value and expected version of a batch, before anything is written.</summary>
    /// <exception cref="ArgumentException">What the message says.</exception>
    public static void CheckBatch(StorageBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var (key, value) in batch.Writes)
        {
            Check(key);
            if (value is { Length: > MaxValueBytes })
            {
                throw new ArgumentException("A storage value is longer than 32 MiB: split it.", nameof(batch));
            }
        }

        foreach (var (key, version) in batch.Expected)
        {
            Check(key);
            ArgumentOutOfRangeException.ThrowIfNegative(version, nameof(batch));
        }
    }

    /// <summary>Whether some storage could hold the key at all: false also means that nothing is stored under it.</summary>
    public static bool IsKey(string key)
    {
        try
        {
            Check(key);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Checks a key and returns its length in UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">Empty, too long, holds NUL, or an unpaired surrogate.</exception>
    public static int Check(string key)
    {
        var length = CountBytes(key, nameof(key));
        if (length is 0 or > MaxBytes)
        {
            throw new ArgumentException("A storage key has 1 to 4,096 UTF-8 bytes.", nameof(key));
        }

        if (key.Contains('\0'))
        {
            throw new ArgumentException("A storage key may not contain NUL.", nameof(key));
        }

        return length;
    }

    private static int CountBytes(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        try
        {
            return Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("A storage key may not contain an unpaired surrogate: it has no UTF-8 form.", name);
        }
    }

    /// <summary>
    /// Compares UTF-16 text in code point order: only surrogates (U+10000 and above) and U+E000..U+FFFF sort
    /// differently as UTF-16 and as UTF-8.
    /// </summary>
    private sealed class CodePointOrder : IComparer<string>
    {
        public int Compare(string? x, string? y)
        {
            if (x is null || y is null)
            {
                return x is null ? (y is null ? 0 : -1) : 1;
            }

            var common = x.AsSpan().CommonPrefixLength(y);
            if (common == x.Length || common == y.Length)
            {
                return x.Length - y.Length;
            }

            return Rank(x[common]) - Rank(y[common]);
        }

        private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }
}
