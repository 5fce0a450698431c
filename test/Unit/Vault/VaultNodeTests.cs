using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault;

public sealed class VaultNodeTests
{
    [Fact]
    public async Task Node_sealedAndUnsealedAgain_servesTheSameVault()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(1, (await vault.ReadAsync("sys/key-status")).Data.GetProperty("term").GetInt32());
        Assert.Equal(204, (await vault.WriteAsync("sys/rotate")).Status);
        await vault.Node.SealAsync();
        Assert.Equal(503, (await vault.ReadAsync("sys/key-status")).Status);
        await vault.UnsealAsync();
        Assert.Equal(2, (await vault.ReadAsync("sys/key-status")).Data.GetProperty("term").GetInt32());
    }

    [Fact]
    public async Task Node_unknownToken_isRefusedWithTheTextClientsCompareWith()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse response = await vault.ReadAsync("sys/key-status", "hvs.nobody");
        Assert.Equal(403, response.Status);
        Assert.Equal("2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n", response.Error);
    }

    [Fact]
    public async Task Node_wrongShares_staysSealedAndForgetsThem()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.Node.SealAsync();
        string wrong = Convert.ToHexStringLower([.. new byte[32], 9]);
        await vault.WriteAsync("sys/unseal", $$"""{"key":"{{wrong}}"}""");
        TestResponse second = await vault.WriteAsync("sys/unseal", $$"""{"key":"{{Convert.ToHexStringLower(vault.Shares[0])}}"}""");
        Assert.Equal(400, second.Status);
        Assert.Equal(0, (await vault.ReadAsync("sys/seal-status")).Json.GetProperty("progress").GetInt32());
        Assert.True(vault.Node.IsSealed);
    }
}
