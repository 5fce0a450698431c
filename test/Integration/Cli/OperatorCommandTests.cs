using Candlefish.Secrets.Tests.Integration.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Cli;

/// <summary>The life of a configured server through the command line, from nothing to a new root token.</summary>
public sealed class OperatorCommandTests : IAsyncLifetime
{
    private const string Configuration = """
        storage "file" { path = "$DIR/data" }
        listener "tcp" {
          address = "127.0.0.1:0"
          tls_disable = 1
        }
        """;

    private readonly CliRun _cli = new();
    private ConfiguredServer? _server;

    public async ValueTask InitializeAsync()
    {
        _server = await ConfiguredServer.StartAsync(Configuration);
        _cli.Variables["VAULT_ADDR"] = _server.Server.Addresses[0].ToString().TrimEnd('/');
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _cli.Dispose();
    }

    [Fact]
    public async Task Init_unseal_rekey_and_generate_root_work_from_end_to_end()
    {
        Assert.Equal(2, await _cli.RunAsync("operator", "init", "-status"));
        var (shares, root) = await InitAsync();
        Assert.Equal(0, await _cli.RunAsync("operator", "init", "-status"));
        Assert.Equal(6, await _cli.RunAsync("operator", "init"));
        Assert.Equal(2, await _cli.RunAsync("status"));
        await GiveAsync("operator unseal -", shares[0]);
        Assert.Contains("Unseal Progress\t1/2", _cli.Output, StringComparison.Ordinal);
        await GiveAsync("operator unseal -", shares[1]);
        Assert.Equal(0, await _cli.RunAsync("status"));

        _cli.Variables["VAULT_TOKEN"] = root;
        var generated = await GenerateRootAsync(shares);
        Assert.Equal(0, await _cli.RunAsync("token", "lookup", "-token", generated));
        Assert.Contains("[root]", _cli.Output, StringComparison.Ordinal);

        Assert.Equal(0, await _cli.RunAsync("operator", "rekey", "-init", "-key-shares=2", "-key-threshold=2"));
        await GiveAsync("operator rekey -", shares[0]);
        await GiveAsync("operator rekey -", shares[1]);
        var renewed = _cli.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(": ")[1]).ToArray();
        Assert.Equal(2, renewed.Length);
        Assert.Equal(0, await _cli.RunAsync("operator", "seal"));
        await GiveAsync("operator unseal -", renewed[0]);
        await GiveAsync("operator unseal -", renewed[1]);
        Assert.Equal(0, await _cli.RunAsync("status"));
    }

    [Fact]
    public async Task Diagnose_of_a_configuration_names_what_is_wrong()
    {
        var good = Path.Combine(_cli.Work, "good.hcl");
        await File.WriteAllTextAsync(good, Configuration.Replace("$DIR", _cli.Home, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal(0, await _cli.RunAsync("operator", "diagnose", "-config=good.hcl"));
        Assert.Contains("[ success ] storage", _cli.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_cli.Work, "bad.hcl"), "storage \"file\" { path = \"/tmp/x\" }", TestContext.Current.CancellationToken);
        Assert.Equal(1, await _cli.RunAsync("operator", "diagnose", "-config=bad.hcl"));
        Assert.Contains("[ failure ] configuration", _cli.Output, StringComparison.Ordinal);
    }

    private async Task<(string[] Shares, string Root)> InitAsync()
    {
        Assert.Equal(0, await _cli.RunAsync("operator", "init", "-key-shares=3", "-key-threshold=2"));
        var lines = _cli.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(": ")).ToList();
        return ([.. lines.Where(static l => l[0].StartsWith("Unseal Key", StringComparison.Ordinal)).Select(static l => l[1])], lines.Single(static l => l[0] == "Initial Root Token")[1]);
    }

    private async Task<string> GenerateRootAsync(string[] shares)
    {
        Assert.Equal(0, await _cli.RunAsync("operator", "generate-root", "-init", "-field=otp"));
        var otp = _cli.Output;
        await GiveAsync("operator generate-root -", shares[0]);
        await GiveAsync("operator generate-root -field=encoded_token -", shares[1]);
        Assert.Equal(0, await _cli.RunAsync("operator", "generate-root", "-decode", _cli.Output, "-otp", otp));
        return _cli.Output.Trim();
    }

    private async Task GiveAsync(string command, string share)
    {
        _cli.Input = share;
        var code = await _cli.RunAsync(command.Split(' '));
        Assert.True(code == 0, $"{command}: exit code {code}\n{_cli.Error}");
    }
}
