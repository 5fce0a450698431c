using Candlefish.Secrets.Tests.Integration.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Cli;

/// <summary>The TLS flags against a server that asks for a client certificate. <c>operator init -status</c> needs no token: 2 is its answer here.</summary>
public sealed class TlsFlagTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly TestCertificates _ca;
    private readonly TestCertificates _otherCa;
    private readonly CliRun _cli = new();

    public TlsFlagTests()
    {
        _ca = new TestCertificates(_files.Path);
        _otherCa = new TestCertificates(_files.Path, "other-ca");
        _ca.IssueServer("server");
    }

    public void Dispose()
    {
        _ca.Dispose();
        _otherCa.Dispose();
        _files.Dispose();
        _cli.Dispose();
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("-tls-server-name=localhost", true)]
    [InlineData("-tls-server-name=other.example", false)]
    public async Task Server_name_is_what_the_certificate_must_hold(string flag, bool isAccepted)
    {
        await using var server = await StartAsync("");
        Assert.Equal(isAccepted ? 2 : 1, await RunAsync("-ca-cert=" + _ca.AuthorityFile, flag));
        Assert.Equal(!isAccepted, _cli.Error.Contains("TLS with", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_of_an_unknown_authority_is_refused_and_its_remedy_named()
    {
        await using var server = await StartAsync("");
        Assert.Equal(1, await RunAsync("-ca-cert=" + _otherCa.AuthorityFile));
        Assert.Contains("--ca-cert", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync());
        Assert.Equal(2, await RunAsync("-tls-skip-verify"));
        Assert.Contains("TLS verification is off", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_certificate_is_shown_to_the_server()
    {
        var (certificate, key) = _ca.IssueClient("client");
        await using var server = await StartAsync($"tls_require_and_verify_client_cert = true\n  tls_client_ca_file = \"{_ca.AuthorityFile}\"");
        _cli.Variables["VAULT_CACERT"] = _ca.AuthorityFile;
        Assert.Equal(1, await RunAsync());
        _cli.Variables["VAULT_CLIENT_CERT"] = certificate;
        _cli.Variables["VAULT_CLIENT_KEY"] = key;
        Assert.Equal(2, await RunAsync());
    }

    [Fact]
    public async Task Missing_ca_file_is_named_before_anything_is_sent()
    {
        await using var server = await StartAsync("");
        Assert.Equal(1, await RunAsync("-ca-cert=/nonexistent/ca.pem"));
        Assert.Contains("/nonexistent/ca.pem", _cli.Error, StringComparison.Ordinal);
    }

    private Task<int> RunAsync(params string[] flags) =>
        _cli.RunAsync(["operator", "init", "-status", "-retries=0", .. flags.Where(static f => f.Length > 0)]);

    private async Task<ConfiguredServer> StartAsync(string setting)
    {
        var server = await ConfiguredServer.StartAsync(
            $$"""
            listener "tcp" {
              address = "127.0.0.1:0"
              tls_cert_file = "{{_files["server.pem"]}}"
              tls_key_file = "{{_files["server.key"]}}"
              {{setting}}
            }
            storage "inmem" {}
            """);
        _cli.Variables["VAULT_ADDR"] = server.Server.Addresses[0].ToString().TrimEnd('/');
        return server;
    }
}
