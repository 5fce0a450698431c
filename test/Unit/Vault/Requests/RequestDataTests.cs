using System.Text;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Requests;

public sealed class RequestDataTests
{
    [Theory]
    [InlineData("""{"a":"\ud800"}""", false)]
    [InlineData("""{"a":"\udc00x"}""", false)]
    [InlineData("""{"a":"\ud83dx\ude00"}""", false)]
    [InlineData("""{"\udbff":1}""", false)]
    [InlineData("""{"a":"\ud83d\uDE00 \\ud800 \u00e9"}""", true)]
    public void Root_surrogateEscapes_mustComeInPairs(string json, bool isText)
    {
        using var data = new RequestData(Encoding.UTF8.GetBytes(json));
        if (isText)
            Assert.Equal("😀 \\ud800 é", data.Root?.GetProperty("a").GetString());
        else
            Assert.Equal(400, Assert.Throws<RequestRefused>(() => data.Root).Status);
    }

    [Fact]
    public void Root_bytesThatAreNoUtf8_areRefused()
    {
        byte[] body = [.. "{\"a\":\""u8, 0xc3, 0x28, .. "\"}"u8];
        using var data = new RequestData(body);
        Assert.Equal(400, Assert.Throws<RequestRefused>(() => data.Root).Status);
    }

    [Theory]
    [InlineData("""{"a":"{\"x\":\"\\ud800\"}"}""")]
    [InlineData("""{"a":"{\"\\udc00\":1}"}""")]
    [InlineData("""{"a":"{\"x\":1,\"x\":2}"}""")]
    public void Map_jsonInsideText_isBoundedAsABody(string json)
    {
        using var data = new RequestData(Encoding.UTF8.GetBytes(json));
        var refused = Assert.Throws<RequestRefused>(() => new FieldReader(default, data).Map("a"));
        Assert.Equal(400, refused.Status);
        Assert.Contains("\"a\"", refused.Message, StringComparison.Ordinal);
    }
}
