using System.Globalization;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>Sizes: a bare number is bytes; <c>KB</c>, <c>MB</c>, <c>GB</c> (also <c>KiB</c> …) are powers of 1024.</summary>
internal static class ByteSize
{
    public static bool TryParse(string text, out long bytes)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int digits = 0;
        while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
            digits++;
        long? unit = UnitOf(rest[digits..].TrimStart());
        bytes = 0;
        if (unit is not { } factor || !long.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            return false;
        if (count > long.MaxValue / factor)
            return false;
        bytes = count * factor;
        return true;
    }

    private static long? UnitOf(ReadOnlySpan<char> unit)
    {
        Span<char> upper = stackalloc char[3];
        if (unit.Length > upper.Length)
            return null;
        int length = unit.ToUpperInvariant(upper);
        return upper[..length] switch
        {
            "" or "B" => 1,
            "K" or "KB" or "KIB" => 1024,
            "M" or "MB" or "MIB" => 1024 * 1024,
            "G" or "GB" or "GIB" => 1024 * 1024 * 1024,
            _ => null,
        };
    }
}
