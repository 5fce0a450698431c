using System.Globalization;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Durations as people type them and as Vault prints them.</summary>
internal static class Durations
{
    /// <summary>Reads an integer and <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>; a bare integer is seconds only if <paramref name="bareSeconds"/>.</summary>
    internal static bool TryParse(string text, bool bareSeconds, out TimeSpan duration)
    {
        duration = default;
        var unit = text.Length > 0 ? text[^1] : ' ';
        var digits = text.AsSpan(0, Math.Max(0, text.Length - 1));
        if (char.IsAsciiDigit(unit) && bareSeconds)
        {
            unit = 's';
            digits = text;
        }

        var factor = unit switch { 's' => 1L, 'm' => 60L, 'h' => 3600L, 'd' => 86400L, _ => 0L };
        if (factor == 0 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(number * factor);
        return true;
    }

    /// <summary>Seconds in Vault's short form: <c>768h</c>, <c>1h30m</c>, <c>45s</c>; 0 is <c>∞</c> in a TTL column, so the caller decides that.</summary>
    internal static string Human(long seconds)
    {
        var sign = seconds < 0 ? "-" : "";
        seconds = Math.Abs(seconds);
        var (h, m, s) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
        var text = (h > 0 ? $"{h}h" : "") + (m > 0 ? $"{m}m" : "") + (s > 0 ? $"{s}s" : "");
        return text.Length == 0 ? "0s" : sign + text;
    }

    /// <summary>A moment relative to now: <c>2h ago</c>, <c>in 5m</c>, <c>just now</c>.</summary>
    internal static string Relative(DateTimeOffset moment, DateTimeOffset now)
    {
        var distance = now - moment;
        var past = distance >= TimeSpan.Zero;
        distance = distance.Duration();
        var text = distance.TotalSeconds < 5 ? null
            : distance.TotalSeconds < 60 ? $"{(int)distance.TotalSeconds}s"
            : distance.TotalMinutes < 60 ? $"{(int)distance.TotalMinutes}m"
            : distance.TotalHours < 48 ? $"{(int)distance.TotalHours}h"
            : $"{(int)distance.TotalDays}d";
        return text is null ? "just now" : past ? text + " ago" : "in " + text;
    }
}
