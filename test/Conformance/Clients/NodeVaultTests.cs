using Candlefish.Secrets.Server;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Clients;

/// <summary>node-vault 0.12.0 against a fresh server, from init on; its own schemas judge the answers.</summary>
public sealed class NodeVaultTests(NodeVaultTests.Run run) : IClassFixture<NodeVaultTests.Run>
{
    public static readonly TheoryData<string> Checks =
    [
        "uninitialized health", "uninitialized status", "uninitialized request", "init", "init twice", "sealed health", "sealed request", "unseal",
        "unsealed health, status and leader", "missing token", "mounts", "mount tuning", "remount and unmount", "kv version 2", "kv version 1", "policies",
        "tokens", "orphans and revocation", "token roles", "automatic renewal", "auth methods", "userpass login", "approle login", "wrapping", "leases",
        "audit devices", "capabilities", "tools", "help", "rotate", "generate root", "rekey", "seal", "unknown route",
    ];

    [Theory]
    [MemberData(nameof(Checks))]
    public void Check_holds(string name)
    {
        Assert.SkipUnless(NodeScript.Missing is null, NodeScript.Missing ?? "");
        Assert.True(run.Results.TryGetValue(name, out string? wrong), $"the script has no check '{name}'");
        Assert.True(wrong.Length == 0, wrong);
    }

    [Fact]
    public void Checks_of_the_script_are_all_listed()
    {
        Assert.SkipUnless(NodeScript.Missing is null, NodeScript.Missing ?? "");
        Assert.Empty(run.Results.Keys.Except(Checks.Select(c => c.Data)));
    }

    public sealed class Run : IAsyncLifetime
    {
        public IReadOnlyDictionary<string, string> Results { get; private set; } = new Dictionary<string, string>();

        public async ValueTask InitializeAsync()
        {
            if (NodeScript.Missing is not null)
                return;
            using var directory = new TemporaryDirectory();
            await File.WriteAllTextAsync(directory["server.hcl"], $$"""
                listener "tcp" { address = "127.0.0.1:0" tls_disable = 1 }
                storage "file" { path = "{{directory.Path}}/data" }
                audit_directory = "{{directory.Path}}"
                """);
            RunningServer server = await ServerHost.StartAsync(ServerStartOf(directory), CancellationToken.None);
            try
            {
                Results = await NodeScript.RunAsync(
                    "node-vault.mjs",
                    ("CANDLEFISH_TEST_ADDR", server.Addresses[0].ToString().TrimEnd('/')),
                    ("CANDLEFISH_TEST_AUDIT", directory["client-audit.log"]));
            }
            finally
            {
                await server.StopAsync();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    internal static ServerStart ServerStartOf(TemporaryDirectory directory) => new()
    {
        ConfigurationPaths = [directory["server.hcl"]],
        WorkingDirectory = directory.Path,
        Environment = static _ => null,
        Output = TextWriter.Null,
        Error = TextWriter.Null,
    };
}
