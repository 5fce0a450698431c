using System.Text.Json.Nodes;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Cli;

public sealed class AuditCommandTests
{
    [Fact]
    public async Task Device_enabled_writes_a_trail_that_verifies_and_a_changed_byte_is_named()
    {
        await using var server = await CliServer.StartAsync();
        var log = Path.Combine(server.Cli.Work, "audit.log");
        await server.OkAsync($"audit enable file file_path={log}");
        await server.OkAsync("kv put secret/a k=-", "s3cret-canary");
        await server.OkAsync("kv get secret/a");
        Assert.StartsWith("file/\tfile\t", await server.OkAsync("audit list"), StringComparison.Ordinal);
        var hash = (await server.OkAsync("audit hash -field=hash file -", "s3cret-canary")).Trim();
        Assert.StartsWith("hmac-sha256:", hash, StringComparison.Ordinal);
        await server.OkAsync("audit disable file");

        var trail = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        Assert.Contains(hash, trail, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", trail, StringComparison.Ordinal);
        var report = JsonNode.Parse(await server.OkAsync("audit verify --from-genesis -o json " + log));
        Assert.True(report?["valid"]?.GetValue<bool>());
        await File.WriteAllTextAsync(log, trail.Replace("secret/data/a", "secret/data/b", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal(9, await server.CodeAsync("audit verify " + log));
    }
}
