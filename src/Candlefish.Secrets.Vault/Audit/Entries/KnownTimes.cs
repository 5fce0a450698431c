namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>
/// Remembers the HMACs of the times that were logged last: every read of a secret repeats its creation time, and a time is
/// no secret that could not be kept in memory. Thread-safe; a lost update costs one HMAC.
/// </summary>
internal sealed class KnownTimes
{
    private const int Slots = 1_024;
    private const int MinLength = 20;
    private const int MaxLength = 30;

    private readonly Known?[] _slots = new Known?[Slots];

    /// <summary>True for RFC 3339 in UTC: <c>2026-01-01T00:00:00.1234567Z</c>.</summary>
    public static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text.Length is < MinLength or > MaxLength || text[10] != (byte)'T' || text[^1] != (byte)'Z')
            return false;
        for (int i = 0; i < text.Length - 1; i++)
        {
            if (text[i] is not (>= (byte)'0' and <= (byte)':' or (byte)'-' or (byte)'.') && i != 10)
                return false;
        }
        return true;
    }

    public byte[]? Find(ReadOnlySpan<byte> time)
    {
        Known? known = Volatile.Read(ref _slots[SlotOf(time)]);
        return known is not null && known.Text.AsSpan().StartsWith(time) && known.Text.Length == time.Length ? known.Mac : null;
    }

    public void Remember(ReadOnlySpan<byte> time, ReadOnlySpan<byte> mac) =>
        Volatile.Write(ref _slots[SlotOf(time)], new Known(time.ToArray(), mac.ToArray()));

    private static int SlotOf(ReadOnlySpan<byte> time)
    {
        var hash = new HashCode();
        hash.AddBytes(time);
        return hash.ToHashCode() & (Slots - 1);
    }

    private sealed record Known(byte[] Text, byte[] Mac);
}
