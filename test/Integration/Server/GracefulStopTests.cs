using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>Signals to the real process.</summary>
public sealed class GracefulStopTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Running_request_finishes_new_ones_are_not_accepted_exit_is_0(bool byTerminate)
    {
        (ServerProcess process, Uri address) = await StartAsync("");
        using ServerProcess server = process;
        using RawHttp running = await RawHttp.ConnectAsync(address);
        await running.SendAsync("POST /v1/sys/unseal HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{");
        await Task.Delay(300, TestContext.Current.CancellationToken);

        if (byTerminate)
            server.Terminate();
        else
            server.Interrupt();
        await server.WaitForAsync("stopping");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        bool isRefused = await IsRefusedAsync(address);
        await running.SendAsync("}");
        string answer = await running.ReadAsync(TimeSpan.FromSeconds(1));

        Assert.True(isRefused);
        Assert.Equal([400], RawHttp.StatusesOf(answer));
        Assert.Equal(0, await server.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("stopped", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_that_does_not_finish_is_cut_off_after_the_time_for_it()
    {
        (ServerProcess process, Uri address) = await StartAsync("shutdown_timeout = \"1s\"");
        using ServerProcess server = process;
        using RawHttp running = await RawHttp.ConnectAsync(address);
        await running.SendAsync("POST /v1/sys/unseal HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();

        server.Terminate();

        Assert.Equal(0, await server.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Idle_connections_do_not_delay_the_stop()
    {
        (ServerProcess process, Uri address) = await StartAsync("");
        using ServerProcess server = process;
        using var http = new HttpClient();
        await http.GetAsync(new Uri(address, "v1/sys/health"), TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();

        server.Terminate();

        Assert.Equal(0, await server.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Hang_up_reads_the_log_level_again_and_the_server_goes_on()
    {
        (ServerProcess process, Uri address) = await StartAsync("");
        using ServerProcess server = process;
        string file = _directory["server.hcl"];
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)) + "\nlog_level = \"error\"", TestContext.Current.CancellationToken);

        server.HangUp();
        await server.WaitForAsync("reloading");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        int health = (int)(await http.GetAsync(new Uri(address, "v1/sys/health"), TestContext.Current.CancellationToken)).StatusCode;
        server.Terminate();

        Assert.Equal(501, health);
        Assert.Equal(0, await server.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.DoesNotContain("stopping", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        (ServerProcess process, Uri address) = await StartAsync("");
        string key;
        string token;
        using (process)
        {
            using var http = new HttpClient { BaseAddress = address };
            TestReply init = await SendAsync(http, "sys/init", """{"secret_shares":1,"secret_threshold":1}""");
            key = init.Json.GetProperty("keys_base64")[0].GetString() ?? "";
            token = init.Json.GetProperty("root_token").GetString() ?? "";
            http.DefaultRequestHeaders.Add("X-Vault-Token", token);
            await SendAsync(http, "sys/unseal", $$"""{"key":"{{key}}"}""");
            await SendAsync(http, "sys/mounts/kv", """{"type":"kv","options":{"version":"2"}}""");
            Assert.Equal(200, (await SendAsync(http, "kv/data/a", """{"data":{"k":"kept"}}""")).Status);
            process.Terminate();
            Assert.Equal(0, await process.ExitAsync(TimeSpan.FromSeconds(10)));
        }

        (ServerProcess again, Uri newAddress) = await StartAsync("");
        using (again)
        {
            using var http = new HttpClient { BaseAddress = newAddress };
            http.DefaultRequestHeaders.Add("X-Vault-Token", token);
            await SendAsync(http, "sys/unseal", $$"""{"key":"{{key}}"}""");
            using HttpResponseMessage read = await http.GetAsync(new Uri("v1/kv/data/a", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Contains("kept", await read.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.DoesNotContain(token, again.Log + process.Log, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("listener \"tcp\" { address = \"0.0.0.0:1\" tls_disable = 1 }\nstorage \"inmem\" {}\nenvironment = \"production\"", "tls_disable")]
    [InlineData("ui = [", "server.hcl:1")]
    [InlineData("listener \"tcp\" { address = \"127.0.0.1:0\" tls_disable = 1 }\nstorage \"file\" { path = \"/proc/none\" }", "/proc/none")]
    [InlineData("listener \"tcp\" { address = \"192.0.2.1:8200\" tls_disable = 1 }\nstorage \"inmem\" {}", "192.0.2.1:8200")]
    public async Task Server_that_cannot_start_says_why_in_one_line_and_exits_1(string configuration, string expected)
    {
        await File.WriteAllTextAsync(_directory["server.hcl"], configuration, TestContext.Current.CancellationToken);

        using ServerProcess server = await ServerProcess.StartAsync(_directory.Path, "error: ", "server", "-config=server.hcl");

        Assert.Equal(1, await server.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains(expected, Assert.Single(server.Log.Split('\n'), l => l.StartsWith("error: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<TestReply> SendAsync(HttpClient http, string path, string json)
    {
        using var content = new StringContent(json);
        using HttpResponseMessage response = await http.PostAsync(new Uri("v1/" + path, UriKind.Relative), content);
        return await TestReply.OfAsync(response);
    }

    private async Task<(ServerProcess Process, Uri Address)> StartAsync(string more)
    {
        int port = FreePort();
        await File.WriteAllTextAsync(
            _directory["server.hcl"],
            $$"""
            listener "tcp" {
              address = "127.0.0.1:{{port}}"
              tls_disable = 1
            }
            storage "file" {
              path = "data"
            }
            {{more}}
            """);
        ServerProcess process = await ServerProcess.StartAsync(_directory.Path, $"listening on 127.0.0.1:{port}", "server", "-config=server.hcl");
        return (process, new Uri($"http://127.0.0.1:{port}/"));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> IsRefusedAsync(Uri address)
    {
        try
        {
            using RawHttp late = await RawHttp.ConnectAsync(address);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
