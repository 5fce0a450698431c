using System.Buffers;
using System.Globalization;

namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// Durations as Vault's configuration and policies write them: whole seconds (<c>90</c>), or numbers with the units
/// <c>ns us µs ms s m h d</c> one after another (<c>1h30m</c>, <c>1.5h</c>, <c>2d</c>). Never negative, at most 100 years.
/// </summary>
internal static class HclDuration
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(36_525);

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TryAdd(ref duration, seconds, TimeSpan.TicksPerSecond);
        }

        if (text.IsEmpty)
        {
            return false;
        }

        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(s_digits);
            if (digits <= 0
                || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            {
                return false;
            }

            text = text[digits..];
            var unitEnd = text.IndexOfAny(s_digits);
            var unit = unitEnd < 0 ? text : text[..unitEnd];
            if (TicksOf(unit) is not { } ticks || !TryAdd(ref duration, count, ticks))
            {
                return false;
            }

            text = text[unit.Length..];
        }

        return true;
    }

    private static decimal? TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 0.01m,
        "us" or "µs" or "μs" => 10m,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        "d" => TimeSpan.TicksPerDay,
        _ => null,
    };

    private static bool TryAdd(ref TimeSpan total, decimal count, decimal ticksPerUnit)
    {
        if (count > s_longest.Ticks / ticksPerUnit)
        {
            return false;
        }

        total += TimeSpan.FromTicks((long)(count * ticksPerUnit));
        return total <= s_longest;
    }
}
