using System.Diagnostics;
using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>Sizes and times: nobody makes the server hold memory or connections for long.</summary>
public sealed class LimitTests
{
    private const int Limit = 256 * 1024;

    private static readonly Dictionary<string, string> SmallBodies = new() { ["VAULT_MAX_REQUEST_SIZE"] = "256KB" };

    [Theory]
    [InlineData(Limit, false, 200)]
    [InlineData(Limit + 1, false, 413)]
    [InlineData(Limit, true, 200)]
    [InlineData(Limit + 1, true, 413)]
    [InlineData(20 * Limit, true, 413)]
    public async Task Body_over_the_limit_is_refused_by_length_and_by_chunks(int size, bool isChunked, int expected)
    {
        await using TestServer server = await TestServer.StartAsync(environment: SmallBodies);

        TestReply reply = await WriteAsync(server, size, isChunked, TestServer.RootToken);

        Assert.Equal(expected, reply.Status);
        Assert.Equal("application/json", reply.Headers["Content-Type"]);
        if (expected == 413)
            Assert.Equal($"request body too large: this listener accepts {Limit} bytes (max_request_size)", reply.Error);
        Assert.True(await IsIdleAsync(server));
    }

    [Theory]
    [InlineData(32_000, false, null, 403)]
    [InlineData(32_000, true, null, 403)]
    [InlineData(33_000, false, null, 413)]
    [InlineData(33_000, true, null, 413)]
    [InlineData(33_000, true, "hvs.unknown", 413)]
    public async Task Body_without_a_living_token_stays_small(int size, bool isChunked, string? token, int expected)
    {
        await using TestServer server = await TestServer.StartAsync(environment: SmallBodies);

        Assert.Equal(expected, (await WriteAsync(server, size, isChunked, token)).Status);
    }

    [Fact]
    public async Task Standard_limit_is_32_MiB()
    {
        await using TestServer server = await TestServer.StartAsync();

        string answer = await RawHttp.ExchangeAsync(
            server.Address,
            $"POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nX-Vault-Token: {TestServer.RootToken}\r\nContent-Length: {(32 * 1024 * 1024) + 1}\r\n\r\n",
            TimeSpan.FromSeconds(1));

        Assert.Equal(413, RawHttp.StatusesOf(answer)[0]);
    }

    [Fact]
    public async Task Request_that_takes_too_long_is_ended_with_an_error()
    {
        await using TestServer server = await TestServer.StartAsync(environment: new Dictionary<string, string> { ["VAULT_MAX_REQUEST_DURATION"] = "1s" });
        using RawHttp raw = await RawHttp.ConnectAsync(server.Address);
        var watch = Stopwatch.StartNew();
        await raw.SendAsync($"POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nX-Vault-Token: {TestServer.RootToken}\r\nContent-Length: 100\r\n\r\n{{");

        string answer = await raw.ReadAsync(TimeSpan.FromMilliseconds(300));

        Assert.Equal([503], RawHttp.StatusesOf(answer));
        Assert.Contains("took longer than 1s", answer, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Slow_headers_end_the_connection()
    {
        await using ConfiguredServer server = await ConfiguredServer.StartAsync(
            "listener \"tcp\" { address = \"127.0.0.1:0\" tls_disable = 1 http_read_header_timeout = \"1s\" }\nstorage \"inmem\" {}");
        using RawHttp raw = await RawHttp.ConnectAsync(server.Server.Addresses[0]);
        await raw.SendAsync("GET /v1/sys/health HTTP/1.1\r\nHost: a\r\nX-Slow:");

        Assert.True(await raw.IsClosedWithinAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Idle_connection_is_closed()
    {
        await using ConfiguredServer server = await ConfiguredServer.StartAsync(
            "listener \"tcp\" { address = \"127.0.0.1:0\" tls_disable = 1 http_idle_timeout = \"1s\" }\nstorage \"inmem\" {}");
        using RawHttp raw = await RawHttp.ConnectAsync(server.Server.Addresses[0]);
        await raw.SendAsync("GET /v1/sys/health HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.True(await raw.IsClosedWithinAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Connections_over_the_maximum_are_closed_at_once()
    {
        await using ConfiguredServer server = await ConfiguredServer.StartAsync(
            "max_connections = 2\nlistener \"tcp\" { address = \"127.0.0.1:0\" tls_disable = 1 }\nstorage \"inmem\" {}");
        Uri address = server.Server.Addresses[0];
        using RawHttp first = await RawHttp.ConnectAsync(address);
        using RawHttp second = await RawHttp.ConnectAsync(address);
        await first.SendAsync("GET /v1/sys/health HTTP/1.1\r\nHost: a\r\n\r\n");
        await second.SendAsync("GET /v1/sys/health HTTP/1.1\r\nHost: a\r\n\r\n");
        await first.ReadAsync(TimeSpan.FromMilliseconds(200));
        await second.ReadAsync(TimeSpan.FromMilliseconds(200));

        using RawHttp third = await RawHttp.ConnectAsync(address);

        Assert.True(await third.IsClosedWithinAsync(TimeSpan.FromSeconds(3)));
        Assert.False(await first.IsClosedWithinAsync(TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task Client_that_goes_away_in_the_middle_of_its_body_leaves_nothing_behind()
    {
        await using TestServer server = await TestServer.StartAsync();
        using (RawHttp raw = await RawHttp.ConnectAsync(server.Address))
            await raw.SendAsync($"POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nX-Vault-Token: {TestServer.RootToken}\r\nContent-Length: 1000000\r\n\r\n{new string(' ', 100_000)}");

        Assert.True(await IsIdleAsync(server));
        Assert.DoesNotContain("[ERROR]", server.Log, StringComparison.Ordinal);
    }

    // A request ends a moment after its client has the answer.
    private static async Task<bool> IsIdleAsync(TestServer server)
    {
        for (int i = 0; i < 200; i++)
        {
            await Task.Delay(25);
            if (server.Server is { RunningRequests: 0, LentBodyBytes: 0 })
                return true;
        }
        return false;
    }

    private static async Task<TestReply> WriteAsync(TestServer server, int size, bool isChunked, string? token)
    {
        const string Frame = """{"data":{"v":""}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "v1/secret/data/big"));
        request.Content = new ByteArrayContent(Encoding.ASCII.GetBytes(Frame.Insert(14, new string('x', size - Frame.Length))));
        request.Headers.TransferEncodingChunked = isChunked ? true : null;
        if (token is not null)
            request.Headers.Add("X-Vault-Token", token);
        using HttpResponseMessage response = await server.Http.SendAsync(request);
        return await TestReply.OfAsync(response);
    }
}
