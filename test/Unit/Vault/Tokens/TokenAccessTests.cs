using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenAccessTests
{
    [Fact]
    public async Task Lookup_showsAToken()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await vault.TokenAsync("""{"policies":"default","ttl":"1h"}""");
        JsonElement data = (await vault.WriteAsync("auth/token/lookup", $$"""{"token":"{{token}}"}""")).Data;
        Assert.Equal(token, data.GetProperty("id").GetString());
        Assert.Equal(1_767_225_600, data.GetProperty("creation_time").GetInt64());
        Assert.Equal("2026-01-01T01:00:00Z", data.GetProperty("expire_time").GetString());
        Assert.Equal((3600, 3600), (data.GetProperty("ttl").GetInt32(), data.GetProperty("creation_ttl").GetInt32()));
        Assert.Equal(("auth/token/create", "service"), (data.GetProperty("path").GetString(), data.GetProperty("type").GetString()));
        Assert.Equal(JsonValueKind.Null, data.GetProperty("meta").ValueKind);
    }

    [Fact]
    public async Task Lookup_ofRoot_hasNoEnd()
    {
        await using TestVault vault = await TestVault.StartAsync();
        JsonElement data = (await vault.ReadAsync("auth/token/lookup-self")).Data;
        Assert.Equal(JsonValueKind.Null, data.GetProperty("expire_time").ValueKind);
        Assert.Equal(0, data.GetProperty("ttl").GetInt32());
        Assert.False(data.TryGetProperty("renewable", out _));
    }

    [Fact]
    public async Task Lookup_ofNobody_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse response = await vault.WriteAsync("auth/token/lookup", """{"token":"hvs.nobody"}""");
        Assert.Equal((403, "bad token"), (response.Status, response.Error));
        Assert.Equal(403, (await vault.WriteAsync("auth/token/lookup-accessor", """{"accessor":"nobody"}""")).Status);
        Assert.Equal("missing token ID", (await vault.WriteAsync("auth/token/lookup")).Error);
    }

    [Fact]
    public async Task Accessor_looksUpRenewsAndRevokes_withoutShowingTheToken()
    {
        await using TestVault vault = await TestVault.StartAsync();
        JsonElement auth = await vault.AuthAsync("""{"policies":"default","ttl":"1h"}""");
        string json = $$"""{"accessor":"{{auth.GetProperty("accessor").GetString()}}"}""";
        string token = auth.GetProperty("client_token").GetString() ?? "";
        foreach (string path in new[] { "auth/token/lookup-accessor", "auth/token/renew-accessor" })
            Assert.DoesNotContain(token, (await vault.WriteAsync(path, json)).Text, StringComparison.Ordinal);
        Assert.Equal(204, (await vault.WriteAsync("auth/token/revoke-accessor", json)).Status);
        Assert.False(await vault.IsAliveAsync(token));
        Assert.Equal(403, (await vault.WriteAsync("auth/token/revoke-accessor", json)).Status);
    }

    [Fact]
    public async Task Accessors_areListedToSudoOnly()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.PolicyAsync("lister", """path "auth/token/accessors" { capabilities = ["list"] }""");
        JsonElement auth = await vault.AuthAsync("""{"policies":"lister"}""");
        Assert.Equal(403, (await vault.ListAsync("auth/token/accessors", auth.GetProperty("client_token").GetString())).Status);
        string[] accessors = (await vault.ListAsync("auth/token/accessors")).Data.Strings("keys");
        Assert.Equal(2, accessors.Length);
        Assert.Contains(auth.GetProperty("accessor").GetString(), accessors);
    }

    /// <summary>CVE-2026-40264: accessor operations reached tokens of other namespaces.</summary>
    [Fact]
    public async Task Row053_accessorOfAnotherNamespace_isRefusedAndTheTokenLives()
    {
        await using TestVault vault = await TestVault.StartAsync();
        (string text, TokenEntry entry) = await ForeignAsync(vault);
        string byAccessor = $$"""{"accessor":"{{entry.Accessor}}"}""";
        foreach (string path in new[] { "lookup-accessor", "renew-accessor", "revoke-accessor" })
            Assert.Equal(403, (await vault.WriteAsync("auth/token/" + path, byAccessor)).Status);
        string byToken = $$"""{"token":"{{text}}"}""";
        foreach (string path in new[] { "lookup", "revoke", "revoke-orphan" })
            Assert.Equal(403, (await vault.WriteAsync("auth/token/" + path, byToken)).Status);
        Assert.Equal(400, (await vault.WriteAsync("auth/token/renew", byToken)).Status);
        Assert.NotNull(await vault.Kernel().Tokens.FindAsync(text, CancellationToken.None));
        Assert.DoesNotContain(entry.Accessor, (await vault.ListAsync("auth/token/accessors")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_outsideItsCidrs_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("auth/token/roles/far", """{"allowed_policies":"default","token_bound_cidrs":"10.0.0.0/8"}""");
        string token = await vault.TokenAsync("{}", null, "auth/token/create/far");
        Assert.Equal(403, (await vault.ReadAsync("auth/token/lookup-self", token)).Status);
    }

    [Fact]
    public async Task Tokens_surviveARestart()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string parent = await vault.TokenAsync("""{"policies":"root","ttl":"10h"}""");
        string child = await vault.TokenAsync("""{"policies":"default","ttl":"5h"}""", parent);
        await vault.WriteAsync("cubbyhole/a/b", """{"k":"v"}""", child);
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal("v", (await vault.ReadAsync("cubbyhole/a/b", child)).Data.GetProperty("k").GetString());
        await vault.WriteAsync("auth/token/revoke-self", "{}", parent);
        Assert.False(await vault.IsAliveAsync(child));
    }

    [Fact]
    public async Task Tidy_revokesWhatHasNoParentAndRemovesStaleAccessors()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string parent = await vault.TokenAsync("""{"policies":"root"}""");
        string child = await vault.TokenAsync("""{"policies":"root"}""", parent);
        var tokens = vault.Kernel().Tokens;
        using (var tx = vault.Kernel().Barrier.Begin())
        {
            // What no operation does: the record alone is lost.
            tx.Delete(TokenKeys.Id(tokens.HashOf(parent)));
            Assert.True(await tx.CommitAsync(CancellationToken.None));
        }
        tokens.StorageChanged(null);
        TestResponse response = await vault.WriteAsync("auth/token/tidy");
        Assert.Equal(202, response.Status);
        await TokenRevocationTests.EventuallyAsync(async () =>
            (await vault.Kernel().Barrier.ListKeysAsync(TokenKeys.Accessors, "", 10, CancellationToken.None)).Count == 1);
        Assert.False(await vault.IsAliveAsync(child));
    }

    private static async Task<(string Text, TokenEntry Entry)> ForeignAsync(TestVault vault)
    {
        using var tx = vault.Kernel().Barrier.Begin();
        TokenEntry template = TokenStore.RootTemplate(vault.Time.GetUtcNow(), "auth/token/create") with { NamespaceId = "Xy12z" };
        string text = vault.Kernel().Tokens.Create(tx, template, out TokenEntry entry);
        Assert.True(await tx.CommitAsync(CancellationToken.None));
        Assert.EndsWith(".Xy12z", text, StringComparison.Ordinal);
        return (text, entry);
    }
}
