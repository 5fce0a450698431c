using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvAccessTests
{
    private const string Body = """{"data":{"a":1}}""";

    [Fact]
    public async Task Write_firstAndLater_areCreateAndUpdate()
    {
        await using TestVault vault = await KvVault.StartAsync();
        string creator = await vault.TokenAsync("""
            path "secret/data/*" { capabilities = ["create"] }
            path "secret/metadata/*" { capabilities = ["create"] }
            path "plain/*" { capabilities = ["create"] }
            """);
        foreach (string path in new[] { "secret/data/app", "secret/metadata/other", "plain/app" })
        {
            Assert.InRange((await vault.WriteAsync(path, Body, creator)).Status, 200, 204);
            Assert.Equal(403, (await vault.WriteAsync(path, Body, creator)).Status);
        }
        Assert.Equal(200, (await vault.WriteAsync("secret/data/other", Body, creator)).Status);
        await vault.DeleteAsync("secret/data/app");
        Assert.Equal(403, (await vault.WriteAsync("secret/data/app", Body, creator)).Status);
        Assert.Equal(403, (await vault.SendAsync(Operation.Patch, "secret/data/app", Body, creator)).Status);
    }

    [Fact]
    public async Task Deny_ofAFolder_holdsOnEveryWayToItsKeys()
    {
        await using TestVault vault = await KvVault.StartAsync();
        foreach (string path in new[] { "hr/pay", "HR/pay", "team/db" })
            await vault.WriteAsync("secret/data/" + path, Body);
        string token = await vault.TokenAsync("""
            path "secret/*" { capabilities = ["create", "read", "update", "patch", "delete", "list", "scan"] }
            path "secret/data/hr/*" { capabilities = ["deny"] }
            path "secret/metadata/hr/*" { capabilities = ["deny"] }
            """);
        foreach (string path in new[] { "hr/pay", "HR/pay" })
        {
            Assert.Equal(403, (await vault.ReadAsync("secret/data/" + path, token)).Status);
            Assert.Equal(403, (await vault.DeleteAsync("secret/metadata/" + path, token)).Status);
        }
        Assert.Equal(403, (await vault.ListAsync("secret/metadata/hr/", token)).Status);
        Assert.Equal(["team/db"], (await vault.SendAsync(Operation.Scan, "secret/metadata/", null, token)).Keys());
        Assert.Equal(["team/db"], (await vault.SendAsync(Operation.Scan, "secret/detailed-metadata/", null, token)).Keys());
        Assert.Empty((await vault.SendAsync(Operation.Read, "secret/search", """{"query":"pay"}""", token)).Keys());
        TestResponse details = await vault.ListAsync("secret/detailed-metadata/hr/", token);
        Assert.Empty(details.Data.GetProperty("key_info").EnumerateObject());
    }
}
