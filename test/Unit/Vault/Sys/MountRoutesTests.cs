using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Sys;

public sealed class MountRoutesTests
{
    [Fact]
    public async Task Enable_listTuneMoveDisable_followTheMount()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(204, (await vault.WriteAsync("sys/mounts/team/app", """{"type":"kv-v2","description":"d"}""")).Status);
        TestResponse list = await vault.ReadAsync("sys/mounts");
        Assert.Equal("2", list.Data.GetProperty("team/app/").GetProperty("options").GetProperty("version").GetString());
        Assert.Equal("kv", list.Json.GetProperty("team/app/").GetProperty("type").GetString());
        Assert.Equal(204, (await vault.WriteAsync("sys/mounts/team/app/tune", """{"default_lease_ttl":"1h","max_lease_ttl":7200}""")).Status);
        Assert.Equal(3600, (await vault.ReadAsync("sys/mounts/team/app/tune")).Data.GetProperty("default_lease_ttl").GetInt32());
        Assert.Equal(200, (await vault.WriteAsync("sys/remount", """{"from":"team/app","to":"moved"}""")).Status);
        Assert.Equal(200, (await vault.ReadAsync("sys/mounts/moved")).Status);
        Assert.Equal(400, (await vault.ReadAsync("sys/mounts/team/app")).Status);
        Assert.Equal(204, (await vault.DeleteAsync("sys/mounts/moved")).Status);
        Assert.Equal(400, (await vault.ReadAsync("sys/mounts/moved")).Status);
    }

    [Fact]
    public async Task Enable_pathInUse_namesTheMount()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/my-secret", """{"type":"kv"}""");
        foreach (string path in new[] { "my-secret", "my-secret/below" })
        {
            TestResponse again = await vault.WriteAsync("sys/mounts/" + path, """{"type":"kv"}""");
            Assert.Equal(400, again.Status);
            Assert.Equal("path is already in use at my-secret/", again.Error);
        }
    }

    /// <summary>Clients match the text: it names an auth method as they do, without <c>auth/</c>.</summary>
    [Fact]
    public async Task Enable_authPathInUse_namesTheMethodWithoutAuth()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/auth/people", """{"type":"userpass"}""");
        TestResponse again = await vault.WriteAsync("sys/auth/people", """{"type":"userpass"}""");
        Assert.Equal(400, again.Status);
        Assert.Equal("path is already in use at people/", again.Error);
    }

    [Theory]
    [InlineData("""{"type":"nothing"}""")]
    [InlineData("""{}""")]
    [InlineData("""{"type":"system"}""")]
    [InlineData("""{"type":"kv","config":7}""")]
    [InlineData("""{"type":"kv","options":{"version":{}}}""")]
    [InlineData("""{"type":"kv","config":{"default_lease_ttl":"2h","max_lease_ttl":"1h"}}""")]
    public async Task Enable_badInput_isRefusedAndMountsNothing(string body)
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync("sys/mounts/x", body)).Status);
        Assert.Equal(400, (await vault.ReadAsync("sys/mounts/x")).Status);
    }

    [Theory]
    [InlineData("sys/mounts/sys")]
    [InlineData("sys/mounts/auth/x")]
    [InlineData("sys/mounts/a+b")]
    [InlineData("sys/mounts/a*")]
    public async Task Enable_reservedPath_isRefused(string path)
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync(path, """{"type":"kv"}""")).Status);
    }

    [Fact]
    public async Task Mounts_afterRestart_areTheSame()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/keep", """{"type":"kv","options":{"version":"2"}}""");
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal("2", (await vault.ReadAsync("sys/mounts/keep")).Data.GetProperty("options").GetProperty("version").GetString());
    }

    [Fact]
    public async Task Disable_whatTheMountStored_isRemovedAndNotSeenByItsSuccessor()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/old", """{"type":"kv"}""");
        await vault.WriteAsync("old/a", """{"v":"1"}""");
        await vault.DeleteAsync("sys/mounts/old");
        await vault.WriteAsync("sys/mounts/old", """{"type":"kv"}""");
        Assert.Equal(404, (await vault.ReadAsync("old/a")).Status);
        for (int i = 0; i < 200 && (await Remains(vault)).Count > 0; i++)
            await Task.Delay(10);
        Assert.Empty(await Remains(vault));

        static async Task<List<string>> Remains(TestVault vault) =>
            [.. (await vault.Storage.ListAsync("logical/", "", 1000, default)).Where(k => k.EndsWith("/a", StringComparison.Ordinal))];
    }
}
