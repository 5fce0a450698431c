using System.Buffers.Binary;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>Reads the stored record of a key in place: the read path parses and allocates nothing.</summary>
/// <remarks>
/// <para>Why this layout: docs/decisions/0002-kv-layout.md. Integers are big-endian, times are UTC ticks of 100 ns
/// (0 = none), durations are ticks.</para>
/// <code>
/// offset
///  0      format (1) = 1
///  1      flags (1): bit 0 cas_required, bit 1 metadata_cas_required; other bits are kept
///  2      reserved (2), kept
///  4      max_versions (4), 0 = the mount's
///  8      delete_version_after (8), 0 = the mount's, negative = never
/// 16      created (8)
/// 24      updated (8)
/// 32      current version (8), 0 = metadata only
/// 40      oldest version (8), 0 = none was pruned yet
/// 48      metadata version (8)
/// 56      n, number of version entries (4)
/// 60      c, bytes of custom metadata (4)
/// 64      x, bytes of members that a newer server added (4)
/// 68      d, bytes of data (4)
/// 72      n × { number (8), created (8), deletion (8), flags (1) }, ascending without gaps
///         c   custom metadata, a JSON object of texts; empty = null
///         x   JSON object, kept as it is
///         d   data of the current version, a JSON object as the client sent it; empty = it has a record of its own
/// </code>
/// </remarks>
internal readonly ref struct KvKeyView
{
    public const byte Format = 1;
    public const int HeaderBytes = 72;
    public const int EntryBytes = 25;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <exception cref="InvalidDataException">Written by a newer server, or not a key record.</exception>
    public KvKeyView(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < HeaderBytes || stored[0] != Format)
            throw Unknown();
        _bytes = stored;
        VersionCount = Length(56);
        CustomMetadataBytes = Length(60);
        ExtraBytes = Length(64);
        DataBytes = Length(68);
        if (stored.Length != HeaderBytes + ((long)VersionCount * EntryBytes) + CustomMetadataBytes + ExtraBytes + DataBytes)
            throw Unknown();
    }

    public byte Flags => _bytes[1];

    public ushort Reserved => BinaryPrimitives.ReadUInt16BigEndian(_bytes[2..]);

    public int MaxVersions => BinaryPrimitives.ReadInt32BigEndian(_bytes[4..]);

    public TimeSpan DeleteVersionAfter => TimeSpan.FromTicks(Int64(8));

    public DateTimeOffset Created => Time(Int64(16));

    public DateTimeOffset Updated => Time(Int64(24));

    public long Current => Int64(32);

    public long Oldest => Int64(40);

    public long MetadataVersion => Int64(48);

    public int VersionCount { get; }

    public int CustomMetadataBytes { get; }

    public int ExtraBytes { get; }

    public int DataBytes { get; }

    public int CustomMetadataOffset => HeaderBytes + (VersionCount * EntryBytes);

    public int ExtraOffset => CustomMetadataOffset + CustomMetadataBytes;

    public int DataOffset => ExtraOffset + ExtraBytes;

    /// <summary>JSON object; empty = null.</summary>
    public ReadOnlySpan<byte> CustomMetadata => _bytes.Slice(CustomMetadataOffset, CustomMetadataBytes);

    /// <summary>Data of the current version; empty = in its own record, or destroyed.</summary>
    public ReadOnlySpan<byte> Data => _bytes[DataOffset..];

    /// <summary>A version by number, 0 = the current one; <see langword="null"/> when the key has no such version.</summary>
    public KvVersion? Find(long number)
    {
        if (VersionCount == 0)
            return null;
        long index = (number == 0 ? Current : number) - At(0).Number;
        return index >= 0 && index < VersionCount ? At((int)index) : null;
    }

    public KvVersion At(int index)
    {
        int offset = HeaderBytes + (index * EntryBytes);
        long deletion = Int64(offset + 16);
        return new KvVersion(Int64(offset), Time(Int64(offset + 8)), deletion == 0 ? null : Time(deletion), _bytes[offset + 24]);
    }

    private long Int64(int offset) => BinaryPrimitives.ReadInt64BigEndian(_bytes[offset..]);

    private int Length(int offset)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(_bytes[offset..]);
        return length >= 0 ? length : throw Unknown();
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);

    private static InvalidDataException Unknown() => new("a KV key record has an unknown format: it was written by a newer server");
}
