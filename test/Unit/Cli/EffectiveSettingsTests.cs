using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

public sealed class EffectiveSettingsTests : IDisposable
{
    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Explain_nothing_set_shows_the_development_address()
    {
        Assert.Equal("http://localhost:8200 (default)", await ExplainAsync("address"));
    }

    [Fact]
    public async Task Explain_vault_variable_is_used()
    {
        _run.Variables["VAULT_ADDR"] = "http://127.0.0.1:1/";
        Assert.Equal("http://127.0.0.1:1 (env VAULT_ADDR)", await ExplainAsync("address"));
    }

    [Fact]
    public async Task Explain_own_variable_beats_vault_variable()
    {
        _run.Variables["VAULT_ADDR"] = "http://127.0.0.1:1";
        _run.Variables["CANDLEFISH_ADDR"] = "http://127.0.0.1:2";
        Assert.Equal("http://127.0.0.1:2 (env CANDLEFISH_ADDR)", await ExplainAsync("address"));
    }

    [Fact]
    public async Task Explain_flag_beats_variable()
    {
        _run.Variables["CANDLEFISH_ADDR"] = "http://127.0.0.1:2";
        Assert.Equal("http://127.0.0.1:3 (flag --address)", await ExplainAsync("address", "-address=http://127.0.0.1:3"));
    }

    [Fact]
    public async Task Explain_context_is_used_when_nothing_else_sets_it()
    {
        Assert.Equal(0, await _run.RunAsync("context", "add", "prod", "address=https://vault.example:8200", "namespace=team"));
        Assert.Equal(0, await _run.RunAsync("context", "use", "prod"));
        Assert.Equal("https://vault.example:8200 (context prod)", await ExplainAsync("address"));
        Assert.Equal("team (context prod)", await ExplainAsync("namespace"));
        Assert.Equal("0600", PrivateFile.Mode(Path.Combine(_run.Home, ".config", "candlefish", "config.yaml")));
    }

    [Fact]
    public async Task Explain_production_without_address_is_an_error_that_names_the_variable()
    {
        Assert.Equal(1, await _run.RunAsync("config", "explain", "--env", "prod"));
        Assert.Contains("VAULT_ADDR", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_short_environment_name_is_accepted_and_a_wrong_one_refused()
    {
        _run.Variables["CANDLEFISH_ENV"] = "dev";
        Assert.Equal(0, await _run.RunAsync("config", "explain"));
        _run.Variables["CANDLEFISH_ENV"] = "qa";
        Assert.Equal(1, await _run.RunAsync("config", "explain"));
    }

    [Fact]
    public async Task Explain_token_is_never_shown()
    {
        _run.Variables["VAULT_TOKEN"] = "hvs.canary";
        Assert.Equal("set (env VAULT_TOKEN)", await ExplainAsync("token"));
        Assert.DoesNotContain("canary", _run.Output + _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_of_vault_file_is_used_last_and_never_written()
    {
        var file = Path.Combine(_run.Home, ".vault-token");
        await File.WriteAllTextAsync(file, "hvs.file\n", TestContext.Current.CancellationToken);
        Assert.Equal("set (file ~/.vault-token)", await ExplainAsync("token"));
        using var server = new LoopbackServer([(200, """{"data":{"policies":["root"],"ttl":0}}""")]);
        _run.Input = "hvs.own";
        Assert.Equal(0, await _run.RunAsync("login", "-address=" + server.Address, "-"));
        Assert.Equal("hvs.file\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal("set (login of context default)", await ExplainAsync("token", "-address=" + server.Address));
        Assert.Equal("set (file ~/.vault-token)", await ExplainAsync("token"));
    }

    [Fact]
    public async Task Repository_file_may_set_the_environment_but_not_the_address_unasked()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_run.Work, ".candlefish.yaml"), "address: http://127.0.0.1:9\nenvironment: dev\n", TestContext.Current.CancellationToken);
        Assert.Equal("http://localhost:8200 (default)", await ExplainAsync("address"));
        Assert.Contains("ignored until you confirm", _run.Error, StringComparison.Ordinal);
        Assert.Equal("development (file .candlefish.yaml)", await ExplainAsync("env"));
    }

    [Fact]
    public async Task Repository_file_confirmed_once_counts_until_it_changes()
    {
        var file = Path.Combine(_run.Work, ".candlefish.yaml");
        await File.WriteAllTextAsync(file, "address: http://127.0.0.1:9\n", TestContext.Current.CancellationToken);
        _run.IsTerminal = true;
        _run.Input = "y\n";
        Assert.Equal("http://127.0.0.1:9 (file .candlefish.yaml)", await ExplainAsync("address"));
        _run.IsTerminal = false;
        Assert.Equal("http://127.0.0.1:9 (file .candlefish.yaml)", await ExplainAsync("address"));
        await File.WriteAllTextAsync(file, "address: http://127.0.0.1:10\n", TestContext.Current.CancellationToken);
        Assert.Equal("http://localhost:8200 (default)", await ExplainAsync("address"));
    }

    [Theory]
    [InlineData("-address=https://vault.example:8200", "cannot be switched off")]
    [InlineData("-address=https://10.0.0.1:8200", "cannot be switched off")]
    public async Task Skip_verify_for_another_machine_is_refused(string address, string text)
    {
        Assert.Equal(1, await _run.RunAsync("read", address, "-tls-skip-verify", "x"));
        Assert.Contains(text, _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-address=https://127.0.0.1:1", null)]
    [InlineData("-address=https://[::1]:1", null)]
    [InlineData("-address=https://localhost:1", null)]
    [InlineData("-address=https://vault.invalid:1", "dev")]
    public async Task Skip_verify_for_loopback_or_development_warns(string address, string? environment)
    {
        if (environment is not null)
        {
            _run.Variables["CANDLEFISH_ENV"] = environment;
        }

        Assert.Equal(2, await _run.RunAsync("read", address, "-tls-skip-verify", "-retries=0", "x"));
        Assert.Contains("TLS verification is off", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_switch_not_given_leaves_the_variable_alone()
    {
        _run.Variables["VAULT_SKIP_VERIFY"] = "true";
        Assert.Equal("true (env VAULT_SKIP_VERIFY)", await ExplainAsync("tls-skip-verify"));
        Assert.Equal("false (flag --tls-skip-verify)", await ExplainAsync("tls-skip-verify", "-tls-skip-verify=false"));
    }

    private async Task<string> ExplainAsync(string setting, params string[] flags)
    {
        var code = await _run.RunAsync(["config", "explain", "-o", "tsv", .. flags]);
        Assert.True(code == 0, _run.Error);
        var line = _run.Output.Split('\n').Single(l => l.StartsWith(setting + "\t", StringComparison.Ordinal));
        return line[(setting.Length + 1)..].Replace('\t', ' ');
    }
}
