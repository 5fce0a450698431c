namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// The time by which tokens and leases end: follows the wall clock forward, and goes on by elapsed time when the wall
/// clock is set back, so that nothing lives longer because of it. Thread-safe.
/// </summary>
/// <remarks>Begins anew with each unseal: a clock that is wrong while the vault opens is believed.</remarks>
internal sealed class LeaseClock(TimeProvider time)
{
    private readonly DateTimeOffset _anchor = time.GetUtcNow();
    private readonly long _anchorTimestamp = time.GetTimestamp();

    /// <summary>The later of wall clock and elapsed time since the vault opened.</summary>
    public DateTimeOffset Now
    {
        get
        {
            DateTimeOffset wall = time.GetUtcNow();
            DateTimeOffset elapsed = _anchor + time.GetElapsedTime(_anchorTimestamp);
            return wall >= elapsed ? wall : elapsed;
        }
    }
}
