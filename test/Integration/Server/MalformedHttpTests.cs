using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>Requests that proxies and servers have read differently (request smuggling), and plain garbage.</summary>
public sealed class MalformedHttpTests
{
    private const string Smuggled = "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\n\r\n";

    public static readonly TheoryData<string, string> Refused = new()
    {
        { "content length twice, different", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 6\r\n\r\n{}" + Smuggled },
        { "content length twice, in a list", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 6\r\n\r\n{}" + Smuggled },
        { "content length negative", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}" + Smuggled },
        { "content length hexadecimal", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2\r\n\r\n{}" + Smuggled },
        { "content length too large for a number", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n{}" + Smuggled },
        { "chunked is not last", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + Smuggled },
        { "unknown transfer coding", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + Smuggled },
        { "chunk size with sign", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" + Smuggled },
        { "chunk size overflow", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100000000000000002\r\n{}\r\n0\r\n\r\n" + Smuggled },
        { "chunk extension with a bare line feed", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;\n{}\r\n0\r\n\r\n" + Smuggled },
        { "chunk without its end", "POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n" + Smuggled },
        { "bare line feed after the request line", "GET /v1/sys/health HTTP/1.1\nHost: a\r\n\r\n" },
        { "bare line feed after a header", "GET /v1/sys/health HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n" },
        { "folded header", "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n" },
        { "space before the colon", "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n" },
        { "header without colon", "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n" },
        { "header with an empty name", "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n" },
        { "carriage return inside a value", "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nX-A: b\rc\r\n\r\n" },
        { "NUL inside a value", "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n" },
        { "NUL inside the path", "GET /v1/sys/hea\0lth HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "no host", "GET /v1/sys/health HTTP/1.1\r\n\r\n" },
        { "two hosts", "GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
        { "space in the target", "GET /v1/sys/health x HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "unknown version", "GET /v1/sys/health HTTP/9.9\r\nHost: a\r\n\r\n" },
        { "method with a separator", "GE(T /v1/sys/health HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "request line too long", $"GET /v1/{new string('a', 40_000)} HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "headers too large", $"GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nX-A: {new string('a', 60_000)}\r\n\r\n" },
        { "too many headers", $"GET /v1/sys/health HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Range(0, 300).Select(i => $"X-{i}: a\r\n"))}\r\n" },
        { "a TLS hello", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Row127_malformedRequest_getsOneRefusal_andNothingBehindItIsRead(string name, string request)
    {
        await using TestServer server = await TestServer.StartAsync();

        string answer = await RawHttp.ExchangeAsync(server.Address, request.Replace("Host: a\r\n", $"Host: a\r\nX-Vault-Token: {TestServer.RootToken}\r\n", StringComparison.Ordinal));

        int status = Assert.Single(RawHttp.StatusesOf(answer));
        Assert.True(status is >= 400 and < 500 or 501 or 505, $"{name}: {status}");
        Assert.Equal(200, (await server.ReadAsync("sys/health")).Status);
    }

    // RFC 9112 §6.1: whoever takes the transfer coding must close the connection afterwards.
    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5")]
    public async Task Row127_bothLengthsInOneRequest_doNotLetASecondOneThrough(string lengths)
    {
        await using TestServer server = await TestServer.StartAsync();

        string answer = await RawHttp.ExchangeAsync(server.Address, $"POST /v1/sys/unseal HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\n0\r\n\r\n{Smuggled}");

        Assert.Equal(400, Assert.Single(RawHttp.StatusesOf(answer)));
    }

    // Kestrel reads the sign; what matters is that nobody sees another number than 2.
    [Fact]
    public async Task Content_length_with_a_plus_is_that_number()
    {
        await using TestServer server = await TestServer.StartAsync();

        string answer = await RawHttp.ExchangeAsync(server.Address, "POST /v1/sys/unseal HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}" + Smuggled);

        Assert.Equal([400, 200], RawHttp.StatusesOf(answer));
    }

    [Fact]
    public async Task Http2_preface_without_tls_gets_no_answer_of_the_api()
    {
        await using TestServer server = await TestServer.StartAsync();

        string answer = await RawHttp.ExchangeAsync(server.Address, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

        Assert.DoesNotContain("errors", answer, StringComparison.Ordinal);
        Assert.Equal(200, (await server.ReadAsync("sys/health")).Status);
    }

    [Fact]
    public async Task Method_is_case_sensitive()
    {
        await using TestServer server = await TestServer.StartAsync();

        string answer = await RawHttp.ExchangeAsync(server.Address, Smuggled.Replace("GET", "get", StringComparison.Ordinal));

        Assert.Equal([405], RawHttp.StatusesOf(answer));
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using TestServer server = await TestServer.StartAsync();

        string answer = await RawHttp.ExchangeAsync(server.Address, Smuggled + Smuggled.Replace("sys/health", "nothing", StringComparison.Ordinal) + Smuggled);

        Assert.Equal([200, 403, 200], RawHttp.StatusesOf(answer));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\":}")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("{\"a\":\"\u0001\"}")]
    [InlineData("not json")]
    public async Task Body_that_is_no_json_object_is_refused_without_repeating_it(string body)
    {
        await using TestServer server = await TestServer.StartAsync();

        TestReply reply = await server.WriteAsync("sys/unseal", body);

        Assert.Equal(400, reply.Status);
        Assert.StartsWith("failed to parse JSON input", reply.Error, StringComparison.Ordinal);
    }
}
