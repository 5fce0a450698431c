namespace Candlefish.Secrets.Vault.Audit;

/// <summary>Decides where a chain goes on after an unseal, a failure or a rotation. Pure.</summary>
/// <param name="Chain">What the next line is tied to; without lines = a new chain begins.</param>
/// <param name="Skipped">Lines that may have been lost on the way (devices that cannot be read back).</param>
/// <param name="Missing">Lines up to this sequence number were taken once and are gone; 0 = none.</param>
internal sealed record TrailResumption(AuditChain Chain, long Skipped = 0, long Missing = 0, long TornBytes = 0, string TornHash = "", bool NeedsLineFeed = false)
{
    /// <summary>For a device that can be read back.</summary>
    /// <param name="confirmed">Last line of this process that the device took.</param>
    /// <param name="known">What the barrier says about an earlier process.</param>
    /// <param name="beginsChain">The device is being enabled.</param>
    /// <param name="hasReopened">The target was just replaced by a new one.</param>
    /// <exception cref="InvalidDataException">The device is being enabled, and the file holds something else.</exception>
    public static TrailResumption OfKept(AuditTail tail, StoredHead? confirmed, StoredHead? known, bool beginsChain, bool hasReopened)
    {
        StoredHead? expected = confirmed ?? known;
        if (expected is null && beginsChain && tail.TornBytes > 0)
            throw new InvalidDataException("the file ends in an incomplete line: move it away, or choose another path");
        TrailResumption place = expected is null && beginsChain ? Begin() : PlaceOf(tail, expected, hasReopened);
        return place with { TornBytes = tail.TornBytes, TornHash = tail.TornHash, NeedsLineFeed = tail.NeedsLineFeed };
    }

    /// <summary>For a device that only takes lines.</summary>
    /// <param name="current">The chain of this process as far as it was sent.</param>
    /// <param name="connectedAt">Where it was when the connection began: what was sent since may have died with it.</param>
    /// <inheritdoc cref="OfKept"/>
    public static TrailResumption OfStream(AuditChain? current, long connectedAt, StoredHead? confirmed, StoredHead? known, bool beginsChain)
    {
        if (current is not null && confirmed is not null)
            return new TrailResumption(current, Skipped: current.Sequence - connectedAt);
        if (known is null || beginsChain)
            return Begin();
        return known.IsClean ? new TrailResumption(Of(known)) : Begin(known.Sequence);
    }

    private static TrailResumption PlaceOf(AuditTail tail, StoredHead? expected, bool hasReopened)
    {
        if (tail.Last is not { } last)
        {
            if (expected is null)
                return Begin();
            // Renamed away (rotation): the chain goes on in the new file. Otherwise its end is not known for sure.
            return hasReopened || expected.IsClean ? new TrailResumption(Of(expected)) : Begin(expected.Sequence);
        }
        if (expected is not null && last.Chain != expected.Chain)
            return Begin(expected.Sequence);
        bool isCut = expected is not null && last.Sequence < expected.Sequence;
        return new TrailResumption(new AuditChain(last.Chain, last.Sequence, last.Hash), Missing: isCut ? expected?.Sequence ?? 0 : 0);
    }

    private static TrailResumption Begin(long missing = 0) => new(AuditChain.Begin(), Missing: missing);

    private static AuditChain Of(StoredHead head) => new(head.Chain, head.Sequence, head.Hash);
}
