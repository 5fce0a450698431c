using System.Buffers.Binary;
using Candlefish.Secrets.Builtin.Engines.Kv;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Serialize_afterParse_keepsEverythingAlsoWhatANewerServerAdded()
    {
        byte[] stored = NewerRecord();
        Assert.Equal(stored, KvKey.Parse(stored).Serialize());
    }

    [Fact]
    public void View_ofARecord_findsVersionsByNumber()
    {
        var view = new KvKeyView(NewerRecord());
        Assert.Equal((7, 8), (view.Find(7)?.Number, view.Find(0)?.Number));
        Assert.Null(view.Find(6));
        Assert.Null(view.Find(9));
        Assert.Equal("{\"d\":1}"u8, view.Data);
    }

    [Fact]
    public void View_ofAnUnknownFormatOrLength_throws()
    {
        byte[] stored = NewerRecord();
        Assert.Throws<InvalidDataException>(() => KvKey.Parse(stored[..^1]));
        Assert.Throws<InvalidDataException>(() => KvKey.Parse([]));
        stored[0] = 2;
        Assert.Throws<InvalidDataException>(() => KvKey.Parse(stored));
    }

    // Two versions, custom metadata, and what this server does not know: a flag, the reserved bytes, a flag of a
    // version, more members.
    private static byte[] NewerRecord()
    {
        var key = KvKey.Create(Now);
        key.Versions.Add(new KvVersion(7, Now, Now, 0x81));
        key.Versions.Add(new KvVersion(8, Now, null, 0));
        (key.Current, key.Oldest, key.MaxVersions, key.CasRequired) = (8, 7, 2, true);
        key.CustomMetadata = "{\"a\":\"b\"}"u8.ToArray();
        byte[] bytes = key.Serialize("{\"d\":1}"u8);
        byte[] extra = "{\"x\":true}"u8.ToArray();
        int at = bytes.Length - "{\"d\":1}".Length;
        byte[] newer = [.. bytes[..at], .. extra, .. bytes[at..]];
        newer[1] |= 0x40;
        newer[2] = 5;
        BinaryPrimitives.WriteInt32BigEndian(newer.AsSpan(64), extra.Length);
        return newer;
    }
}
