using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenLifeTests
{
    [Fact]
    public async Task Token_created_answersUntilItsTimeIsUp()
    {
        await using TestVault vault = await TestVault.StartAsync();
        JsonElement auth = await vault.AuthAsync("""{"ttl":"1h","policies":"default"}""");
        string token = auth.GetProperty("client_token").GetString() ?? "";
        Assert.StartsWith("hvs.", token, StringComparison.Ordinal);
        Assert.Equal(28, token.Length);
        Assert.Equal(3600, auth.GetProperty("lease_duration").GetInt32());
        vault.Time.Advance(TimeSpan.FromSeconds(3599));
        Assert.True(await vault.IsAliveAsync(token));
        vault.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await vault.IsAliveAsync(token));
    }
}
