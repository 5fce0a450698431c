using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

public sealed class CommandTests : IDisposable
{
    private const string Matrix = """
        roles:
          app-services: [app-services]
          ci-cd:
            policies: ci
        matrix:
          - path: secret/data/app
            expect:
              app-services: [read]
              ci-cd: none
        """;

    private readonly CliRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Policy_test_offline_all_as_declared_is_clean()
    {
        Write("matrix.yaml", Matrix);
        Write("app-services.hcl", "path \"secret/data/*\" { capabilities = [\"read\"] }");
        Write("ci.hcl", "path \"other/*\" { capabilities = [\"read\"] }");
        Assert.Equal(0, await _run.RunAsync("policy", "test", "matrix.yaml", "--file", "app-services.hcl", "--file", "ci.hcl"));
        Assert.Contains("10/10 cells as declared, 0 failed", _run.Error, StringComparison.Ordinal);
        Assert.Equal(10, _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Policy_test_offline_wider_policy_is_a_finding()
    {
        Write("matrix.yaml", Matrix);
        Write("all.hcl", "policy \"app-services\" { rules = <<EOT\npath \"secret/data/*\" { capabilities = [\"read\", \"delete\"] }\nEOT\n}\npolicy \"ci\" { rules = <<EOT\npath \"x\" { capabilities = [\"read\"] }\nEOT\n}\n");
        Assert.Equal(1, await _run.RunAsync("policy", "test", "matrix.yaml", "--file", "all.hcl"));
        Assert.Contains("✗ FAIL\tapp-services\tdelete\tsecret/data/app\tDENY\tALLOW", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_test_on_the_server_uses_a_short_token_and_revokes_it()
    {
        using var server = new LoopbackServer(
        [
            (200, """{"auth":{"client_token":"hvs.probe"}}"""),
            (200, """{"data":{"capabilities":["read","list"]}}"""),
            (204, ""),
        ]);
        _run.Variables["VAULT_TOKEN"] = "t";
        Assert.Equal(0, await _run.RunAsync("policy", "test", "-address=" + server.Address, "--path", "secret/data/app", "--cap", "read", "--as", "dev"));
        Assert.Contains("\"ttl\":\"60s\"", server.Requests[0], StringComparison.Ordinal);
        Assert.Equal("""PUT /v1/auth/token/revoke {"token":"hvs.probe"}""", server.Requests[2]);
    }

    [Theory]
    [InlineData("matrix: []")]
    [InlineData("roles: {}\nmatrix:\n  - path: a\n    expect:\n      nobody: [read]\n")]
    [InlineData("roles:\n  a: [a]\nmatrix:\n  - path: a\n    expect:\n      a: [raed]\n")]
    [InlineData("a: [")]
    [InlineData("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nroles: [*e,*e,*e,*e,*e,*e,*e,*e,*e]")]
    public async Task Policy_test_broken_matrix_is_a_usage_error_of_a_check(string text)
    {
        Write("matrix.yaml", text);
        Write("p.hcl", "path \"x\" { capabilities = [\"read\"] }");
        Assert.Equal(2, await _run.RunAsync("policy", "test", "matrix.yaml", "--file", "p.hcl"));
    }

    [Fact]
    public async Task Policy_test_without_server_could_not_complete()
    {
        Assert.Equal(3, await _run.RunAsync("policy", "test", "-retries=0", $"-address=http://127.0.0.1:{LoopbackServer.FreePort()}", "--path", "a", "--cap", "read", "--as", "dev"));
    }

    [Fact]
    public async Task Policy_fmt_writes_the_layout_and_check_tells_before()
    {
        Write("p.hcl", "path \"a\" {\ncapabilities=[\"read\"]\n}\n");
        Assert.Equal(6, await _run.RunAsync("policy", "fmt", "-check", "p.hcl"));
        Assert.Equal(0, await _run.RunAsync("policy", "fmt", "p.hcl"));
        Assert.Equal("path \"a\" {\n  capabilities = [\"read\"]\n}\n", Read("p.hcl"));
        Assert.Equal(0, await _run.RunAsync("policy", "fmt", "-check", "p.hcl"));
        Write("p.hcl", "path \"a\" {");
        Assert.Equal(1, await _run.RunAsync("policy", "fmt", "p.hcl"));
        Assert.Equal("path \"a\" {", Read("p.hcl"));
    }

    [Fact]
    public async Task Generate_out_makes_a_private_file_and_never_overwrites()
    {
        Assert.Equal(0, await _run.RunAsync("generate", "--out", "new"));
        var file = Path.Combine(_run.Work, "new", ".env.new");
        Assert.Equal("0600", PrivateFile.Mode(file));
        Assert.Equal("0700", PrivateFile.Mode(Path.Combine(_run.Work, "new")));
        Assert.Contains("AWS_ACCESS_KEY_ID=AKIA_YOUR_REAL_KEY\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(6, await _run.RunAsync("generate", "--out", "new"));
    }

    [Fact]
    public async Task Operator_init_out_dir_shows_no_key()
    {
        using var server = new LoopbackServer(
        [
            (200, """{"type":"shamir","initialized":false,"sealed":true}"""),
            (200, """{"keys":["aa"],"keys_base64":["canary-share"],"root_token":"canary-root"}"""),
        ]);
        Assert.Equal(0, await _run.RunAsync("operator", "init", "-address=" + server.Address, "--out-dir", "keys"));
        Assert.DoesNotContain("canary", _run.Output + _run.Error, StringComparison.Ordinal);
        Assert.Equal("canary-root\n", Read("keys/root-token"));
        Assert.Equal("0600", PrivateFile.Mode(Path.Combine(_run.Work, "keys", "unseal-key-1")));
    }

    [Fact]
    public async Task Doctor_masks_tokens_and_a_dead_server_is_a_finding()
    {
        _run.Variables["VAULT_TOKEN"] = "hvs.canary";
        _run.Variables["VAULT_ADDR"] = $"http://127.0.0.1:{LoopbackServer.FreePort()}";
        Assert.Equal(1, await _run.RunAsync("doctor"));
        Assert.Contains("Connection refused", _run.Output, StringComparison.Ordinal);
        Assert.Contains("VAULT_TOKEN=(set)", _run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", _run.Output + _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_fix_closes_an_open_token_file()
    {
        var file = Path.Combine(_run.Home, ".vault-token");
        await File.WriteAllTextAsync(file, "t", TestContext.Current.CancellationToken);
        Assert.SkipUnless(OperatingSystem.IsLinux(), "file modes");
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        await _run.RunAsync("doctor", "--fix", "-retries=0", $"-address=http://127.0.0.1:{LoopbackServer.FreePort()}");
        Assert.Equal("0600", PrivateFile.Mode(file));
    }

    [Fact]
    public async Task Complete_offers_commands_flags_and_names_without_values()
    {
        using var server = new LoopbackServer(
        [
            (200, """{"data":{"secret":{"secret/":{"type":"kv","options":{"version":"2"}}}}}"""),
            (200, """{"data":{"keys":["app","apple/"]}}"""),
        ]);
        _run.Variables["VAULT_ADDR"] = server.Address;
        _run.Variables["VAULT_TOKEN"] = "t";
        _run.Clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        Assert.Equal(0, await _run.RunAsync("__complete", "--no-input", "--", "kv", "metadata", ""));
        Assert.Equal("delete\nget\npatch\nput\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("__complete", "--no-input", "--", "kv", "get", "-vers"));
        Assert.Equal("-version\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("__complete", "--no-input", "--", "kv", "get", "secret/ap"));
        Assert.Equal("secret/app\nsecret/apple/\n", _run.Output);
        Assert.Equal(0, await _run.RunAsync("__complete", "--no-input", "--", "kv", "get", "secret/app"));
        Assert.Equal("secret/app\nsecret/apple/\n", _run.Output);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("help")]
    [InlineData("help kv get")]
    [InlineData("kv --help")]
    [InlineData("kv get -h")]
    [InlineData("operator generate-root -help")]
    [InlineData("policy test --help")]
    public async Task Help_is_on_stdout_with_exit_code_0(string arguments)
    {
        Assert.Equal(0, await _run.RunAsync(arguments.Split(' ')));
        Assert.Contains("Usage:", _run.Output, StringComparison.Ordinal);
        Assert.Equal("", _run.Error);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_run.Work, name), text);

    private string Read(string name) => File.ReadAllText(Path.Combine(_run.Work, name));
}
