using Candlefish.Secrets.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

public sealed class DevelopmentServerTests
{
    [Fact]
    public async Task Health_of_a_development_server_is_active()
    {
        await using TestServer server = await TestServer.StartAsync();

        TestReply reply = await server.ReadAsync("sys/health", token: null);

        Assert.Equal(200, reply.Status);
        Assert.False(reply.Json.GetProperty("sealed").GetBoolean());
        Assert.Equal("application/json", reply.Headers["Content-Type"]);
        Assert.Equal("no-store", reply.Headers["Cache-Control"]);
        Assert.DoesNotContain("Server", reply.Headers.Keys);
    }

    [Fact]
    public async Task Root_token_of_the_options_is_accepted_and_another_is_not()
    {
        await using TestServer server = await TestServer.StartAsync();

        Assert.Equal(200, (await server.ReadAsync("sys/key-status")).Status);
        Assert.Equal(403, (await server.ReadAsync("sys/key-status", "hvs.other")).Status);
        Assert.Equal(403, (await server.ReadAsync("sys/key-status", token: null)).Status);
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData(":0")]
    [InlineData("[::]:0")]
    public async Task Public_address_with_the_known_token_is_refused_naming_both_settings(string address)
    {
        var start = new ServerStart { Development = new DevelopmentOptions { ListenAddress = address }, Error = TextWriter.Null };

        var refused = await Assert.ThrowsAsync<ServerStartException>(() => ServerHost.StartAsync(start, CancellationToken.None));

        Assert.Contains("-dev-listen-address", refused.Message, StringComparison.Ordinal);
        Assert.Contains("-dev-root-token-id", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Public_address_with_an_own_token_starts()
    {
        var start = new ServerStart
        {
            Development = new DevelopmentOptions { ListenAddress = "0.0.0.0:0", RootToken = "hvs.mine" },
            Error = TextWriter.Null,
        };

        await using RunningServer server = await ServerHost.StartAsync(start, CancellationToken.None);

        Assert.NotEqual(0, server.Addresses[0].Port);
    }

    [Fact]
    public async Task Announcement_holds_address_token_key_and_export_lines()
    {
        var output = new StringWriter();
        using var stop = new CancellationTokenSource();
        var start = new ServerStart { Development = new DevelopmentOptions { ListenAddress = "127.0.0.1:0" }, Output = output, Error = TextWriter.Null };
        Task<int> running = ServerHost.RunAsync(start, stop.Token);
        while (!output.ToString().Contains("VAULT_TOKEN", StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);

        await stop.CancelAsync();

        Assert.Equal(0, await running);
        string[] lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Contains("Root Token: root", lines);
        Assert.Contains(lines, l => l.StartsWith("export VAULT_ADDR='http://127.0.0.1:", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("Unseal Key: ", StringComparison.Ordinal) && l.Length > 40);
    }

    [Fact]
    public async Task Reported_version_of_the_environment_is_shown_to_clients()
    {
        await using TestServer server = await TestServer.StartAsync(environment: new Dictionary<string, string> { ["CANDLEFISH_REPORTED_VERSION"] = "1.15.6" });

        Assert.Equal("1.15.6", (await server.ReadAsync("sys/health", null)).Json.GetProperty("version").GetString());
    }
}
