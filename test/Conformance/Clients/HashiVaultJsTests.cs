using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Conformance.Clients;

/// <summary>The unmodified npm client hashi-vault-js against the real server; see clients/hashi-vault-js.mjs.</summary>
public sealed class HashiVaultJsTests
{
    private const int Checks = 9;

    [Fact]
    public async Task HashiVaultJs_everyCheck_passes()
    {
        string clients = RepositoryRoot.Join("test/Conformance/clients");
        Assert.SkipUnless(Directory.Exists(Path.Join(clients, "node_modules", "hashi-vault-js")), "hashi-vault-js is not installed: ./test.sh installs it with npm.");
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal(204, (await server.WriteAsync("sys/auth/userpass", """{"type":"userpass"}""")).Status);
        (int code, string output, string errors) = await NodeVaultTests.RunAsync(clients, "hashi-vault-js.mjs", server.Address.GetLeftPart(UriPartial.Authority), TestServer.RootToken);
        Assert.True(code == 0, $"the script ended with {code}: {errors}");
        JsonElement[] results = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        string[] failed = [.. results.Where(r => !r.GetProperty("ok").GetBoolean()).Select(r => $"{r.GetProperty("name").GetString()}: {r.GetProperty("detail").GetString()}")];
        Assert.True(failed.Length == 0, string.Join('\n', failed));
        Assert.Equal(Checks, results.Length);
    }
}
