using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class CubbyholeTests
{
    [Fact]
    public async Task Cubbyhole_belongsToOneToken()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string one = await vault.TokenAsync("""{"policies":"default"}""");
        string other = await vault.TokenAsync("""{"policies":"root"}""");
        Assert.Equal(204, (await vault.WriteAsync("cubbyhole/a/b", """{"n":12345678901234567890,"s":"ü"}""", one)).Status);
        Assert.Equal("""{"n":12345678901234567890,"s":"ü"}""", (await vault.ReadAsync("cubbyhole/a/b", one)).Data.GetRawText());
        Assert.Equal(["a/"], (await vault.ListAsync("cubbyhole", one)).Data.Strings("keys"));
        Assert.Equal(["b"], (await vault.ListAsync("cubbyhole/a", one)).Data.Strings("keys"));
        Assert.Equal(404, (await vault.ReadAsync("cubbyhole/a/b", other)).Status);
        Assert.Equal(404, (await vault.ListAsync("cubbyhole", other)).Status);
        Assert.Equal(204, (await vault.DeleteAsync("cubbyhole/a/b", one)).Status);
        Assert.Equal(404, (await vault.ReadAsync("cubbyhole/a/b", one)).Status);
    }

    [Fact]
    public async Task Cubbyhole_ofAChosenId_isNotInheritedByItsNextOwner()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.TokenAsync("""{"policies":"default","id":"again"}""");
        await vault.WriteAsync("cubbyhole/x", """{"k":"v"}""", "again");
        await vault.WriteAsync("auth/token/revoke-self", "{}", "again");
        await vault.TokenAsync("""{"policies":"default","id":"again"}""");
        Assert.Equal(404, (await vault.ReadAsync("cubbyhole/x", "again")).Status);
    }

    [Fact]
    public async Task Cubbyhole_ofABatchToken_doesNotExist()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string batch = await vault.TokenAsync("""{"policies":"default","type":"batch"}""");
        Assert.Equal("cubbyhole operations are only supported by \"service\" type tokens", (await vault.WriteAsync("cubbyhole/x", """{"k":"v"}""", batch)).Error);
    }

    [Fact]
    public async Task Cubbyhole_withoutData_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal("missing data fields", (await vault.WriteAsync("cubbyhole/x")).Error);
    }

    [Fact]
    public async Task Cubbyhole_cannotBeMountedOrUnmounted()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync("sys/mounts/mine", """{"type":"cubbyhole"}""")).Status);
        Assert.Equal(400, (await vault.DeleteAsync("sys/mounts/cubbyhole")).Status);
        Assert.Equal(400, (await vault.DeleteAsync("sys/auth/token")).Status);
    }
}
