using System.Diagnostics;
using System.Text.Json;
using Candlefish.Secrets.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Clients;

/// <summary>
/// The unmodified npm client node-vault against the real server, from init to unseal after a rekey. The script
/// clients/node-vault.mjs prints one line per check.
/// </summary>
public sealed class NodeVaultTests
{
    private const int Checks = 28;

    [Fact]
    public async Task NodeVault_everyCheck_passes()
    {
        string clients = RepositoryRoot.Join("test/Conformance/clients");
        Assert.SkipUnless(Directory.Exists(Path.Join(clients, "node_modules", "node-vault")), "node-vault is not installed: ./test.sh installs it with npm.");
        using var directory = new TemporaryDirectory();
        string file = directory["server.hcl"];
        await File.WriteAllTextAsync(file, $$"""
            storage "file" { path = "{{directory.Path}}/data" }
            listener "tcp" {
              address     = "127.0.0.1:0"
              tls_disable = true
            }
            """);
        await using RunningServer server = await ServerHost.StartAsync(
            new ServerStart { ConfigurationPaths = [file], WorkingDirectory = directory.Path, Environment = _ => null, Output = TextWriter.Null, Error = TextWriter.Null },
            CancellationToken.None);
        (int code, string output, string errors) = await RunAsync(clients, "node-vault.mjs", server.Addresses[0].GetLeftPart(UriPartial.Authority));
        Assert.True(code == 0, $"the script ended with {code}: {errors}");
        JsonElement[] results = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        string[] failed = [.. results.Where(r => !r.GetProperty("ok").GetBoolean()).Select(r => $"{r.GetProperty("name").GetString()}: {r.GetProperty("detail").GetString()}")];
        Assert.True(failed.Length == 0, string.Join('\n', failed));
        Assert.Equal(Checks, results.Length);
    }

    internal static async Task<(int Code, string Output, string Errors)> RunAsync(string directory, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [script, .. arguments]) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process node = Process.Start(start) ?? throw new InvalidOperationException("node did not start");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        Task<string> output = node.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> errors = node.StandardError.ReadToEndAsync(limit.Token);
        await node.WaitForExitAsync(limit.Token);
        return (node.ExitCode, await output, await errors);
    }
}
