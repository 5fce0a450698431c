using System.Text;
using Candlefish.Secrets.Client;
using Candlefish.Secrets.Tests.Unit.Cli;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Client;

public sealed class VaultConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_path_with_odd_characters_arrives_escaped_once()
    {
        using var server = new LoopbackServer([(200, "{}")]);
        using var connection = Connect(server.Address);
        await connection.SendAsync(new VaultCall("GET", "secret/http://test.com/a b?c#d%25ä") { Query = [new("version", "1&2")] }, Token);
        Assert.Equal("GET /v1/secret/http%3A//test.com/a%20b%3Fc%23d%2525%C3%A4?version=1%262", server.Requests.Single());
    }

    [Theory]
    [InlineData("secret/../sys/raw")]
    [InlineData("secret/./a")]
    [InlineData("..")]
    public async Task Send_path_with_dot_segment_is_refused(string path)
    {
        using var connection = Connect("http://127.0.0.1:1");
        await Assert.ThrowsAsync<ArgumentException>(() => connection.SendAsync(new VaultCall("GET", path), Token));
    }

    [Theory]
    [InlineData(412, "PUT", 2)]
    [InlineData(429, "PUT", 2)]
    [InlineData(503, "GET", 2)]
    [InlineData(503, "PUT", 1)]
    [InlineData(500, "GET", 1)]
    [InlineData(404, "GET", 1)]
    public async Task Send_error_status_is_repeated_only_when_that_is_safe(int status, string method, int attempts)
    {
        using var server = new LoopbackServer([(status, """{"errors":["x"]}"""), (200, "{}")]);
        using var connection = Connect(server.Address);
        await connection.SendAsync(new VaultCall(method, "a"), Token);
        Assert.Equal(attempts, server.Requests.Count);
    }

    [Fact]
    public async Task Send_to_a_sealed_server_is_not_repeated()
    {
        using var server = new LoopbackServer([(503, """{"errors":["Vault is sealed"]}"""), (200, "{}")]);
        using var connection = Connect(server.Address);
        var reply = await connection.SendAsync(new VaultCall("GET", "a"), Token);
        Assert.Equal((503, 1), (reply.Status, server.Requests.Count));
        Assert.Equal("Vault is sealed", Assert.Single(reply.Errors()));
    }

    [Fact]
    public async Task Send_without_listener_is_refused_after_the_retries()
    {
        var attempts = 0;
        using var connection = new VaultConnection(new VaultConnectionOptions
        {
            Address = new Uri($"http://127.0.0.1:{LoopbackServer.FreePort()}"), Retries = 1, Trace = _ => attempts++,
        });
        var failure = await Assert.ThrowsAsync<VaultConnectionException>(() => connection.SendAsync(new VaultCall("PUT", "a"), Token));
        Assert.Equal((ConnectionFailure.Refused, 2), (failure.Failure, attempts));
    }

    [Fact]
    public async Task Send_to_an_unknown_host_is_a_failure_of_name_resolution()
    {
        using var connection = Connect("http://no-such-host.invalid:8200");
        var failure = await Assert.ThrowsAsync<VaultConnectionException>(() => connection.SendAsync(new VaultCall("GET", "a"), Token));
        Assert.Equal(ConnectionFailure.NameResolution, failure.Failure);
    }

    [Fact]
    public async Task Send_https_to_a_plain_server_is_a_failure_of_tls()
    {
        using var server = new LoopbackServer([]);
        using var connection = Connect(server.Address.Replace("http:", "https:", StringComparison.Ordinal));
        var failure = await Assert.ThrowsAsync<VaultConnectionException>(() => connection.SendAsync(new VaultCall("PUT", "a"), Token));
        Assert.Equal(ConnectionFailure.Tls, failure.Failure);
    }

    [Fact]
    public async Task Send_to_a_silent_server_times_out()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var connection = new VaultConnection(new VaultConnectionOptions
        {
            Address = new Uri($"http://{listener.LocalEndpoint}"), Timeout = TimeSpan.FromMilliseconds(200), Retries = 0,
        });
        var failure = await Assert.ThrowsAsync<VaultConnectionException>(() => connection.SendAsync(new VaultCall("GET", "a"), Token));
        Assert.Equal(ConnectionFailure.Timeout, failure.Failure);
    }

    [Fact]
    public async Task Send_exceptions_hold_neither_token_nor_body()
    {
        using var connection = Connect($"http://127.0.0.1:{LoopbackServer.FreePort()}");
        var failure = await Assert.ThrowsAsync<VaultConnectionException>(() =>
            connection.SendAsync(new VaultCall("PUT", "a") { Body = Encoding.UTF8.GetBytes("canary-body"), Token = "canary-token" }, Token));
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pause_grows_is_jittered_and_bounded()
    {
        for (var attempt = 1; attempt <= 20; attempt++)
        {
            var ceiling = Math.Min(200 * Math.Pow(2, attempt - 1), 5000);
            Assert.InRange(RetryRule.Pause(attempt, null).TotalMilliseconds, ceiling / 2, ceiling);
        }

        Assert.Equal(TimeSpan.FromSeconds(6), RetryRule.Pause(1, TimeSpan.FromSeconds(6)));
        Assert.True(RetryRule.Pause(1, TimeSpan.FromHours(1)) < TimeSpan.FromSeconds(1));
    }

    private static VaultConnection Connect(string address) => new(new VaultConnectionOptions { Address = new Uri(address), Token = "t", Retries = 1 });
}
