using System.Buffers.Binary;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>The record of a key, open for changes. Layout: <see cref="KvKeyView"/>.</summary>
/// <remarks>Memory members are slices of the stored record, which the transaction owns: valid until the request ends.</remarks>
internal sealed class KvKey
{
    private const byte CasRequiredFlag = 1;
    private const byte MetadataCasRequiredFlag = 2;

    private byte _flags;
    private ushort _reserved;
    private ReadOnlyMemory<byte> _extra;

    private KvKey(List<KvVersion> versions) => Versions = versions;

    public bool CasRequired
    {
        get => (_flags & CasRequiredFlag) != 0;
        set => Set(CasRequiredFlag, value);
    }

    public bool MetadataCasRequired
    {
        get => (_flags & MetadataCasRequiredFlag) != 0;
        set => Set(MetadataCasRequiredFlag, value);
    }

    /// <summary>0 = the mount's.</summary>
    public int MaxVersions { get; set; }

    /// <summary>Zero = the mount's; negative = never.</summary>
    public TimeSpan DeleteVersionAfter { get; set; }

    public DateTimeOffset Created { get; private init; }

    public DateTimeOffset Updated { get; set; }

    /// <summary>0 = the key has metadata only.</summary>
    public long Current { get; set; }

    /// <summary>0 = no version was pruned yet.</summary>
    public long Oldest { get; set; }

    /// <summary>Counts changes of the metadata by clients.</summary>
    public long MetadataVersion { get; set; }

    /// <summary>Ascending, without gaps.</summary>
    public List<KvVersion> Versions { get; }

    /// <summary>JSON object of texts; empty = null.</summary>
    public ReadOnlyMemory<byte> CustomMetadata { get; set; }

    /// <summary>Data of the current version when it lies in this record; empty = it does not.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    public static KvKey Create(DateTimeOffset now) => new([]) { Created = now, Updated = now };

    public static KvKey Parse(byte[] stored)
    {
        var view = new KvKeyView(stored);
        var versions = new List<KvVersion>(view.VersionCount + 1);
        for (int i = 0; i < view.VersionCount; i++)
            versions.Add(view.At(i));
        return new KvKey(versions)
        {
            _flags = view.Flags,
            _reserved = view.Reserved,
            _extra = stored.AsMemory(view.ExtraOffset, view.ExtraBytes),
            MaxVersions = view.MaxVersions,
            DeleteVersionAfter = view.DeleteVersionAfter,
            Created = view.Created,
            Updated = view.Updated,
            Current = view.Current,
            Oldest = view.Oldest,
            MetadataVersion = view.MetadataVersion,
            CustomMetadata = stored.AsMemory(view.CustomMetadataOffset, view.CustomMetadataBytes),
            Data = stored.AsMemory(view.DataOffset, view.DataBytes),
        };
    }

    /// <summary>Index in <see cref="Versions"/>, 0 = the current one; -1 when there is no such version.</summary>
    public int IndexOf(long number)
    {
        if (Versions.Count == 0)
            return -1;
        long index = (number == 0 ? Current : number) - Versions[0].Number;
        return index >= 0 && index < Versions.Count ? (int)index : -1;
    }

    /// <summary>The record, with the data that it holds now.</summary>
    public byte[] Serialize() => Serialize(Data.Span);

    /// <summary>The record, with <paramref name="data"/> as data of the current version (empty = none in it).</summary>
    public byte[] Serialize(ReadOnlySpan<byte> data)
    {
        byte[] bytes = new byte[KvKeyView.HeaderBytes + (Versions.Count * KvKeyView.EntryBytes) + CustomMetadata.Length + _extra.Length + data.Length];
        Span<byte> at = bytes;
        at[0] = KvKeyView.Format;
        at[1] = _flags;
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], _reserved);
        BinaryPrimitives.WriteInt32BigEndian(at[4..], MaxVersions);
        BinaryPrimitives.WriteInt64BigEndian(at[8..], DeleteVersionAfter.Ticks);
        BinaryPrimitives.WriteInt64BigEndian(at[16..], Created.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(at[24..], Updated.UtcTicks);
        BinaryPrimitives.WriteInt64BigEndian(at[32..], Current);
        BinaryPrimitives.WriteInt64BigEndian(at[40..], Oldest);
        BinaryPrimitives.WriteInt64BigEndian(at[48..], MetadataVersion);
        BinaryPrimitives.WriteInt32BigEndian(at[56..], Versions.Count);
        BinaryPrimitives.WriteInt32BigEndian(at[60..], CustomMetadata.Length);
        BinaryPrimitives.WriteInt32BigEndian(at[64..], _extra.Length);
        BinaryPrimitives.WriteInt32BigEndian(at[68..], data.Length);
        at = at[KvKeyView.HeaderBytes..];
        foreach (KvVersion version in Versions)
        {
            BinaryPrimitives.WriteInt64BigEndian(at, version.Number);
            BinaryPrimitives.WriteInt64BigEndian(at[8..], version.Created.UtcTicks);
            BinaryPrimitives.WriteInt64BigEndian(at[16..], version.Deletion?.UtcTicks ?? 0);
            at[24] = version.Flags;
            at = at[KvKeyView.EntryBytes..];
        }
        CustomMetadata.Span.CopyTo(at);
        at = at[CustomMetadata.Length..];
        _extra.Span.CopyTo(at);
        data.CopyTo(at[_extra.Length..]);
        return bytes;
    }

    private void Set(byte flag, bool value) => _flags = (byte)(value ? _flags | flag : _flags & ~flag);
}
