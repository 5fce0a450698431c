using System.Security.Cryptography;
using System.Text;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// Names tokens and accessors by a keyed hash (HMAC-SHA256, 64 lower-case hex characters), so that storage and memory
/// never hold their texts. Thread-safe.
/// </summary>
internal sealed class TokenNames(SecretBuffer salt) : IDisposable
{
    /// <summary>Characters of a name.</summary>
    public const int Length = 64;

    private const int StackBytes = 512;

    public string Of(ReadOnlySpan<char> text)
    {
        Span<char> name = stackalloc char[Length];
        Write(text, name);
        return new string(name);
    }

    /// <summary>Writes the name into a span of <see cref="Length"/> characters, without allocating for usual texts.</summary>
    public void Write(ReadOnlySpan<char> text, Span<char> name)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = most <= StackBytes ? stackalloc byte[StackBytes] : new byte[most];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        int length = Encoding.UTF8.GetBytes(text, utf8);
        salt.Use(new Work(utf8[..length], mac), static (key, work) => HMACSHA256.HashData(key, work.Text, work.Mac));
        CryptographicOperations.ZeroMemory(utf8[..length]);
        Convert.TryToHexStringLower(mac, name, out _);
    }

    public void Dispose() => salt.Dispose();

    private readonly ref struct Work(ReadOnlySpan<byte> text, Span<byte> mac)
    {
        public readonly ReadOnlySpan<byte> Text = text;
        public readonly Span<byte> Mac = mac;
    }
}
