namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>What a key knows about one of its versions. The data is elsewhere.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Deletion">From then on the version counts as deleted; may lie in the future.</param>
/// <param name="Flags">Bit 0 = destroyed; other bits belong to newer servers and are kept.</param>
internal readonly record struct KvVersion(long Number, DateTimeOffset Created, DateTimeOffset? Deletion, byte Flags)
{
    private const byte DestroyedFlag = 1;

    /// <summary>The data is gone for good.</summary>
    public bool IsDestroyed => (Flags & DestroyedFlag) != 0;

    /// <summary>A pure function of the clock: nothing runs when a version expires.</summary>
    public bool IsReadable(DateTimeOffset now) => !IsDestroyed && !(Deletion <= now);

    public KvVersion Destroyed() => this with { Flags = (byte)(Flags | DestroyedFlag) };
}
