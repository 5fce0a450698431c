using System.Text;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

public sealed class FixedTimeTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("token", "token", true)]
    [InlineData("token", "tokem", false)]
    [InlineData("token", "xoken", false)]
    [InlineData("short", "much-longer-token", false)]
    [InlineData("pässwörd-токен-🐟", "pässwörd-токен-🐟", true)]
    public void Bytes_text_and_hidden_length_agree(string left, string right, bool equal)
    {
        byte[] leftBytes = Encoding.UTF8.GetBytes(left);
        byte[] rightBytes = Encoding.UTF8.GetBytes(right);
        Assert.Equal(equal, FixedTime.AreEqual(leftBytes, rightBytes));
        Assert.Equal(equal, FixedTime.AreEqual(left, rightBytes));
        Assert.Equal(equal, FixedTime.AreEqualHidingLength(leftBytes, rightBytes));
    }

    [Fact]
    public void Text_longer_than_the_stack_buffer_is_compared_whole()
    {
        string text = new('ä', 10_000);
        Assert.True(FixedTime.AreEqual(text, Encoding.UTF8.GetBytes(text)));
        Assert.False(FixedTime.AreEqual(text[..^1] + "a", Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Lone_surrogate_equals_nothing_not_even_its_replacement()
    {
        Assert.False(FixedTime.AreEqual("a\ud800", Encoding.UTF8.GetBytes("a\ufffd")));
        Assert.False(FixedTime.AreEqual("\udc00", []));
    }
}
