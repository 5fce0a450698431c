using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Candlefish.Secrets;

/// <summary>
/// Comparison of secret bytes and text in constant time: every byte is looked at, wherever the difference is. Text is
/// compared as UTF-8. Answers, never throws.
/// </summary>
public static class FixedTime
{
    private const int StackBytes = 512;

    private static readonly byte[] ProcessKey = RandomNumberGenerator.GetBytes(32);

    /// <summary>Whether both hold the same bytes. Different lengths are false at once: the length is not hidden.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        CryptographicOperations.FixedTimeEquals(left, right);

    /// <summary>
    /// Whether <paramref name="text"/>, as UTF-8, is <paramref name="utf8"/>. Text with a lone surrogate equals nothing.
    /// </summary>
    public static bool AreEqual(ReadOnlySpan<char> text, ReadOnlySpan<byte> utf8) =>
        // A character makes at least one byte: longer text cannot match, and is not worth encoding.
        text.Length <= utf8.Length &&
        WithUtf8(text, utf8, static (candidate, expected) => AreEqual(candidate, expected));

    /// <summary>
    /// Like <see cref="AreEqual(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, and hides the length of the secret too:
    /// both sides are run through HMAC-SHA256 under a key of this process. Costs about a microsecond.
    /// </summary>
    public static bool AreEqualHidingLength(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> leftMac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> rightMac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(ProcessKey, left, leftMac);
        HMACSHA256.HashData(ProcessKey, right, rightMac);
        return AreEqual(leftMac, rightMac);
    }

    /// <summary>Encodes into temporary bytes that are zeroed again; false for text that is no valid UTF-16.</summary>
    internal static bool WithUtf8<TState>(ReadOnlySpan<char> text, TState state, SecretFunc<TState, bool> test)
        where TState : allows ref struct
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = most <= StackBytes ? null : ArrayPool<byte>.Shared.Rent(most);
        Span<byte> bytes = rented is null ? stackalloc byte[StackBytes] : rented;
        try
        {
            OperationStatus status =
                Utf8.FromUtf16(text, bytes, out _, out int written, replaceInvalidSequences: false);
            return status == OperationStatus.Done && test(bytes[..written], state);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }
}
