namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// What bounds the life of one token or lease. Pure: the end of a life is a function of (now, asked, limits).
/// </summary>
/// <param name="Start">Creation or issue: every maximum counts from here.</param>
/// <param name="Default">Life when none is asked for; greater than zero.</param>
/// <param name="Max">Longest life of what is not periodic, and longest period; greater than zero.</param>
/// <param name="Period">Greater than zero: each renewal gives this life again, without a maximum.</param>
/// <param name="ExplicitMax">Greater than zero: the hard end, also of periodic lives.</param>
internal readonly record struct LifeLimits(DateTimeOffset Start, TimeSpan Default, TimeSpan Max, TimeSpan Period, TimeSpan ExplicitMax)
{
    /// <summary>The latest possible end; <see cref="DateTimeOffset.MaxValue"/> for a periodic life without explicit maximum.</summary>
    public DateTimeOffset HardEnd
    {
        get
        {
            DateTimeOffset end = Period > TimeSpan.Zero ? DateTimeOffset.MaxValue : Start + Max;
            return ExplicitMax > TimeSpan.Zero && Start + ExplicitMax < end ? Start + ExplicitMax : end;
        }
    }

    /// <summary>
    /// The end of a life that begins or is renewed at <paramref name="now"/>. A maximum that is reached makes it shorter,
    /// never endless (CVE-2021-32923).
    /// </summary>
    /// <param name="asked">Zero = <see cref="Default"/>; not looked at when periodic.</param>
    /// <returns><see langword="null"/>: the maximum lies in the past, nothing can be given.</returns>
    public DateTimeOffset? Grant(DateTimeOffset now, TimeSpan asked)
    {
        TimeSpan wanted = Wanted(asked);
        DateTimeOffset hardEnd = HardEnd;
        DateTimeOffset end = now + wanted < hardEnd ? now + wanted : hardEnd;
        return end > now ? end : null;
    }

    /// <summary>As <see cref="Grant"/> for a life that is to go on: what has ended stays ended.</summary>
    public DateTimeOffset? Renew(DateTimeOffset now, DateTimeOffset end, TimeSpan asked) =>
        now < end ? Grant(now, asked) : null;

    /// <summary>Tells the client why it got less than it asked for; <see langword="null"/> when it did not.</summary>
    public string? CapWarning(DateTimeOffset now, TimeSpan asked, DateTimeOffset end)
    {
        TimeSpan cap = ExplicitMax > TimeSpan.Zero && ExplicitMax < Max ? ExplicitMax : Max;
        if (Period > Max)
            return $"Period of \"{Requests.WireTime.FormatDuration(Period)}\" exceeded the effective max_ttl of \"{Requests.WireTime.FormatDuration(cap)}\"; Period value is capped accordingly";
        return asked > TimeSpan.Zero && Period == TimeSpan.Zero && end - now < asked
            ? $"TTL of \"{Requests.WireTime.FormatDuration(asked)}\" exceeded the effective max_ttl of \"{Requests.WireTime.FormatDuration(cap)}\"; TTL value is capped accordingly"
            : null;
    }

    private TimeSpan Wanted(TimeSpan asked)
    {
        if (Period > TimeSpan.Zero)
            return Period < Max ? Period : Max;
        return asked > TimeSpan.Zero ? asked : Default;
    }
}
