using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Sys;

public sealed class CounterRoutesTests
{
    [Fact]
    public async Task Counters_followEntitiesAndTokens()
    {
        await using TestVault vault = await TestVault.StartAsync();
        async Task<int> TotalAsync(string path, string name) =>
            (await vault.ReadAsync("sys/internal/counters/" + path)).Data.GetProperty("counters").GetProperty(name).GetProperty("total").GetInt32();
        Assert.Equal(0, await TotalAsync("entities", "entities"));
        Assert.Equal(1, await TotalAsync("tokens", "service_tokens"));
        await vault.WriteAsync("identity/entity", """{"name":"ann"}""");
        await vault.WriteAsync("auth/token/create");
        Assert.Equal(1, await TotalAsync("entities", "entities"));
        Assert.Equal(2, await TotalAsync("tokens", "service_tokens"));
        await vault.DeleteAsync("identity/entity/name/ann");
        Assert.Equal(0, await TotalAsync("entities", "entities"));
    }
}
