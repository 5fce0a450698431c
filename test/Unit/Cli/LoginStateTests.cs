using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

public sealed class LoginStateTests : IDisposable
{
    private const string Granted = """{"request_id":"r","data":null,"auth":{"client_token":"hvs.canary","accessor":"a","policies":["dev"],"lease_duration":60,"renewable":true}}""";

    private readonly CliRun _run = new();

    private string TokenFolder => Path.Combine(_run.Home, ".config", "candlefish", "tokens");

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Login_keeps_the_token_in_a_private_file_and_prints_it_nowhere()
    {
        using var server = new LoopbackServer([(200, Granted), (200, """{"data":{"a":"b"}}""")]);
        Assert.Equal(0, await LoginAsync(server));
        var file = Assert.Single(Directory.GetFiles(TokenFolder));
        Assert.Equal("0600", PrivateFile.Mode(file));
        Assert.Equal("0700", PrivateFile.Mode(TokenFolder));
        Assert.DoesNotContain("canary", _run.Output + _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("read", "-address=" + server.Address, "-debug", "x"));
        Assert.Equal([null, "hvs.canary"], server.Tokens);
        Assert.DoesNotContain("canary", _run.Output + _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_token_is_not_sent_to_another_server()
    {
        using var server = new LoopbackServer([(200, Granted)]);
        using var other = new LoopbackServer([(403, """{"errors":["permission denied"]}""")]);
        Assert.Equal(0, await LoginAsync(server));
        Assert.Equal(4, await _run.RunAsync("read", "-address=" + other.Address, "x"));
        Assert.Null(Assert.Single(other.Tokens));
    }

    [Fact]
    public async Task Login_no_store_keeps_nothing()
    {
        using var server = new LoopbackServer([(200, Granted)]);
        Assert.Equal(0, await LoginAsync(server, "-no-store"));
        Assert.False(Directory.Exists(TokenFolder));
    }

    [Fact]
    public async Task Logout_revokes_and_forgets()
    {
        using var server = new LoopbackServer([(200, Granted), (204, "")]);
        Assert.Equal(0, await LoginAsync(server));
        Assert.Equal(0, await _run.RunAsync("logout", "-address=" + server.Address));
        Assert.Equal("PUT /v1/auth/token/revoke-self", server.Requests[1]);
        Assert.Equal("hvs.canary", server.Tokens[1]);
        Assert.Empty(Directory.GetFiles(TokenFolder));
    }

    [Fact]
    public async Task Logout_of_a_token_brought_along_revokes_only_when_asked()
    {
        const string lookup = """{"data":{"policies":["root"],"ttl":0}}""";
        using var server = new LoopbackServer([(200, lookup), (200, lookup), (204, "")]);
        foreach (var (flag, calls) in new[] { ("-yes", 1), ("-revoke", 3) })
        {
            _run.Input = "hvs.brought";
            Assert.Equal(0, await _run.RunAsync("login", "-address=" + server.Address, "-"));
            Assert.Equal(0, await _run.RunAsync("logout", "-address=" + server.Address, flag));
            Assert.Equal(calls, server.Requests.Count);
            Assert.Empty(Directory.GetFiles(TokenFolder));
        }
    }

    [Fact]
    public async Task Logout_without_server_still_forgets()
    {
        string address;
        using (var server = new LoopbackServer([(200, Granted)]))
        {
            address = server.Address;
            Assert.Equal(0, await LoginAsync(server));
        }

        Assert.Equal(0, await _run.RunAsync("logout", "-retries=0", "-address=" + address));
        Assert.Empty(Directory.GetFiles(TokenFolder));
    }

    private Task<int> LoginAsync(LoopbackServer server, params string[] more)
    {
        _run.Input = "pw";
        return _run.RunAsync(["login", "-address=" + server.Address, "-method=userpass", "username=alice", "password=-", .. more]);
    }
}
