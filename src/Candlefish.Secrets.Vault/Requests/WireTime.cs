using System.Globalization;
using System.Text;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>Times and durations as the Vault API spells them (protocol: "Durations in", "Times").</summary>
public static class WireTime
{
    /// <summary>RFC 3339 with up to nine fractional digits, trailing zeros removed: <c>2018-03-22T02:24:06.9453193Z</c>.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The same as UTF-8; answers its length, at most 28 bytes.</summary>
    public static int Format(DateTimeOffset time, Span<byte> utf8) =>
        time.UtcDateTime.TryFormat(utf8, out int written, TimeFormat, CultureInfo.InvariantCulture)
            ? written
            : throw new ArgumentException("the buffer is shorter than the time", nameof(utf8));

    /// <summary>Go's form of a duration: <c>3h25m19s</c>, <c>1.5s</c>, <c>0s</c>.</summary>
    public static string FormatDuration(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder();
        if (value < TimeSpan.Zero)
        {
            text.Append('-');
            value = value.Negate();
        }
        long hours = (long)value.TotalHours;
        if (hours > 0)
            text.Append(hours).Append('h');
        if (hours > 0 || value.Minutes > 0)
            text.Append(value.Minutes).Append('m');
        decimal seconds = value.Seconds + ((value.Ticks % TimeSpan.TicksPerSecond) / (decimal)TimeSpan.TicksPerSecond);
        text.Append(seconds.ToString("0.#######", CultureInfo.InvariantCulture)).Append('s');
        return text.ToString();
    }

    /// <summary>
    /// Reads a duration: whole seconds (<c>30</c>), or parts with a unit (<c>1h30m</c>, <c>1.5h</c>, <c>2d</c>,
    /// <c>100ms</c>), optionally negative. Empty text is zero.
    /// </summary>
    public static bool TryParseDuration(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            return true;
        bool negative = rest[0] == '-';
        if (rest[0] is '-' or '+')
            rest = rest[1..];
        if (rest.IsEmpty)
            return false;
        decimal ticks = 0;
        bool hasUnit = false;
        while (!rest.IsEmpty)
        {
            int digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
                digits++;
            if (digits is 0 or > 20 ||
                !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
                return false;
            rest = rest[digits..];
            int letters = 0;
            while (letters < rest.Length && !char.IsAsciiDigit(rest[letters]) && rest[letters] != '.')
                letters++;
            decimal? unit = letters == 0 && !hasUnit && rest.IsEmpty ? TimeSpan.TicksPerSecond : TicksOf(rest[..letters]);
            if (unit is not { } ticksPerUnit)
                return false;
            ticks += number * ticksPerUnit;
            if (ticks > MaxTicks)
                return false;
            hasUnit = true;
            rest = rest[letters..];
        }
        value = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    // A hundred years: longer durations are typing errors, and sums with a date must not overflow.
    private const decimal MaxTicks = 36_525m * TimeSpan.TicksPerDay;

    private static decimal? TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 0.01m,
        "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        "d" => TimeSpan.TicksPerDay,
        _ => null,
    };
}
