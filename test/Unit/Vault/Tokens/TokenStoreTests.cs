using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenStoreTests
{
    /// <summary>On the path of every request: one HMAC and one look-up.</summary>
    [Fact]
    public async Task Find_ofACachedToken_allocatesNothing()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TokenStore tokens = vault.Kernel().Tokens;
        string token = await vault.TokenAsync("""{"policies":"default"}""");
        TokenEntry? expected = await tokens.FindAsync(token, CancellationToken.None);
        Assert.NotNull(expected);
        // 2,000 findings; the runtime may allocate a little once, when it recompiles a hot method.
        Assert.InRange(AllocatedBy(tokens, token, expected), 0, 4_000);
    }

    [Fact]
    public async Task Storage_neverHoldsATokenOrAnAccessorInClear()
    {
        await using TestVault vault = await TestVault.StartAsync();
        var auth = await vault.AuthAsync("""{"policies":"default"}""");
        string token = auth.GetProperty("client_token").GetString() ?? "";
        string accessor = auth.GetProperty("accessor").GetString() ?? "";
        foreach (string key in await vault.Kernel().Barrier.ListKeysAsync("", "", 10_000, CancellationToken.None))
        {
            Assert.DoesNotContain(token, key, StringComparison.Ordinal);
            Assert.DoesNotContain(accessor, key, StringComparison.Ordinal);
            if (!key.StartsWith("sys/", StringComparison.Ordinal))
                continue;
            var plain = await vault.Kernel().Barrier.GetAsync(key, CancellationToken.None);
            Assert.DoesNotContain(token, System.Text.Encoding.Latin1.GetString(plain?.Plaintext ?? []), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task StorageChanged_byAnotherNode_forgetsTheToken()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TokenStore tokens = vault.Kernel().Tokens;
        string token = await vault.TokenAsync("""{"policies":"default"}""");
        Assert.True(await vault.IsAliveAsync(token));
        string key = TokenKeys.Id(tokens.HashOf(token));
        await vault.Kernel().Barrier.CommitAsync([KeyValuePair.Create(key, (byte[]?)null)], [], CancellationToken.None);
        tokens.StorageChanged(key);
        Assert.False(await vault.IsAliveAsync(token));
    }

    private static long AllocatedBy(TokenStore tokens, string token, TokenEntry expected)
    {
        long before = 0;
        for (int i = 0; i < 6_000; i++)
        {
            // The first rounds warm up what is compiled and cached on first use.
            if (i == 4_000)
                before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask<TokenEntry?> found = tokens.FindAsync(token, CancellationToken.None);
            if (!found.IsCompletedSuccessfully || !ReferenceEquals(found.GetAwaiter().GetResult(), expected))
                return -1;
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
