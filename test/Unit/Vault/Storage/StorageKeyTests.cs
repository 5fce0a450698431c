using System.Text;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Storage;

public sealed class StorageKeyTests
{
    [Fact]
    public void Order_equals_the_order_of_utf8_bytes()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        int[] interesting = [1, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF];
        for (var i = 0; i < 20_000; i++)
        {
            var (x, y) = (Text(), Text());
            var expected = Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));

            Assert.True(
                Math.Sign(expected) == Math.Sign(StorageKey.Order.Compare(x, y)),
                $"seed {seed}: {Convert.ToHexString(Encoding.UTF8.GetBytes(x))} and {Convert.ToHexString(Encoding.UTF8.GetBytes(y))}");
        }

        string Text() => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => new Rune(interesting[random.Next(interesting.Length)]).ToString()));
    }

    [Fact]
    public void Encode_uses_the_buffer_when_it_is_long_enough_and_only_then()
    {
        var key = new string('é', 8);

        Assert.True(StorageKey.Encode(key, new byte[16]).SequenceEqual(Encoding.UTF8.GetBytes(key)));
        Assert.True(StorageKey.Encode(key, new byte[15]).SequenceEqual(Encoding.UTF8.GetBytes(key)));
    }

    [Fact]
    public void Refusal_never_repeats_the_key()
    {
        var refusal = Assert.Throws<ArgumentException>(() => StorageKey.Check("my-name\0"));

        Assert.DoesNotContain("my-name", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IsKey_text_saysWhetherAStorageCouldHoldIt()
    {
        Assert.True(StorageKey.IsKey("a/b"));
        Assert.True(StorageKey.IsKey(new string('x', StorageKey.MaxBytes)));
        Assert.False(StorageKey.IsKey(""));
        Assert.False(StorageKey.IsKey("a\0b"));
        Assert.False(StorageKey.IsKey("a\ud800"));
        Assert.False(StorageKey.IsKey(new string('x', StorageKey.MaxBytes + 1)));
    }
}
