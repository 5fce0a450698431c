using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenRevocationTests
{
    private const string Child = """{"policies":"root"}""";

    [Fact]
    [Requirement("ACL-5")]
    public async Task Revoke_endsTheTokenAndItsDescendants_butNotOrphansAndSiblings()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string sibling = await vault.TokenAsync(Child);
        string parent = await vault.TokenAsync(Child);
        string child = await vault.TokenAsync(Child, parent);
        string grandchild = await vault.TokenAsync(Child, child);
        string batch = await vault.TokenAsync("""{"policies":"default","type":"batch"}""", child);
        string orphan = await vault.TokenAsync(Child, parent, "auth/token/create-orphan");
        Assert.Equal(204, (await vault.WriteAsync("auth/token/revoke", $$"""{"token":"{{parent}}"}""")).Status);
        foreach (string dead in new[] { parent, child, grandchild, batch })
            Assert.Equal("2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n", (await vault.ReadAsync("auth/token/lookup-self", dead)).Error);
        Assert.True(await vault.IsAliveAsync(sibling));
        Assert.True(await vault.IsAliveAsync(orphan));
    }

    [Fact]
    public async Task Revoke_leavesNothingInStorage()
    {
        await using TestVault vault = await TestVault.StartAsync();
        int before = await CountAsync(vault, "sys/");
        string parent = await vault.TokenAsync(Child);
        string child = await vault.TokenAsync("""{"policies":"default","ttl":"1h"}""", parent);
        await vault.WriteAsync("cubbyhole/x", """{"a":"b"}""", child);
        Assert.True(await CountAsync(vault, "sys/") > before + 5);
        await vault.WriteAsync("auth/token/revoke-self", "{}", parent);
        Assert.Equal(before, await CountAsync(vault, "sys/"));
    }

    [Fact]
    public async Task RevokeOrphan_endsTheToken_andItsChildrenLiveOn()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string parent = await vault.TokenAsync(Child);
        string child = await vault.TokenAsync(Child, parent);
        string grandchild = await vault.TokenAsync(Child, child);
        Assert.Equal(204, (await vault.WriteAsync("auth/token/revoke-orphan", $$"""{"token":"{{parent}}"}""")).Status);
        Assert.False(await vault.IsAliveAsync(parent));
        Assert.True((await vault.ReadAsync("auth/token/lookup-self", child)).Data.GetProperty("orphan").GetBoolean());
        Assert.True(await vault.IsAliveAsync(grandchild));
        await vault.WriteAsync("auth/token/revoke-self", "{}", child);
        Assert.False(await vault.IsAliveAsync(grandchild));
    }

    [Fact]
    public async Task Revoke_ofABatchToken_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string batch = await vault.TokenAsync("""{"policies":"default","type":"batch"}""");
        TestResponse response = await vault.WriteAsync("auth/token/revoke", $$"""{"token":"{{batch}}"}""");
        Assert.Equal((400, "batch tokens cannot be revoked"), (response.Status, response.Error));
        Assert.Equal("batch tokens cannot be revoked", (await vault.WriteAsync("auth/token/revoke-self", "{}", batch)).Error);
        Assert.Equal("batch tokens cannot be renewed", (await vault.WriteAsync("auth/token/renew", $$"""{"token":"{{batch}}"}""")).Error);
    }

    [Fact]
    public async Task Expiry_ofAParent_endsItsChildren()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string parent = await vault.TokenAsync("""{"policies":"root","ttl":"1h"}""");
        string child = await vault.TokenAsync("""{"policies":"root","ttl":"10h"}""", parent);
        vault.Time.Advance(TimeSpan.FromHours(1));
        await vault.Kernel().Leases.Sweeper.SweepAsync(CancellationToken.None);
        Assert.False(await vault.IsAliveAsync(child));
    }

    /// <summary>A crash after any commit of a revocation: nothing of the tree answers, and the rest goes after the restart.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Revoke_interruptedAfterAnyCommit_isFinishedAfterUnseal(int commits)
    {
        var storage = new BreakableStorage();
        await using TestVault vault = await TestVault.StartAsync(storage: storage);
        int before = await CountAsync(vault, "sys/token/");
        string parent = await vault.TokenAsync(Child);
        string child = await vault.TokenAsync(Child, parent);
        string grandchild = await vault.TokenAsync(Child, child);
        storage.BreakAfter(commits);
        TestResponse response = await vault.WriteAsync("auth/token/revoke", $$"""{"token":"{{parent}}"}""");
        Assert.Equal(commits < 6 ? 500 : 204, response.Status);
        foreach (string dead in new[] { parent, child, grandchild })
            Assert.False(await vault.IsAliveAsync(dead));
        await vault.Node.SealAsync();
        storage.Repair();
        await vault.UnsealAsync();
        foreach (string dead in new[] { parent, child, grandchild })
            Assert.False(await vault.IsAliveAsync(dead));
        await EventuallyAsync(async () => await CountAsync(vault, "sys/token/") == before);
    }

    [Fact]
    public async Task Revoke_ofAWideTree_endsAll()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string parent = await vault.TokenAsync(Child);
        string hash = vault.Kernel().Tokens.HashOf(parent);
        var texts = new List<string>();
        for (int batch = 0; batch < 10; batch++)
        {
            using var tx = vault.Kernel().Barrier.Begin();
            for (int i = 0; i < 500; i++)
            {
                TokenEntry template = TokenStore.RootTemplate(vault.Time.GetUtcNow(), "auth/token/create") with { Parent = hash };
                texts.Add(vault.Kernel().Tokens.Create(tx, template, out _));
            }
            Assert.True(await tx.CommitAsync(CancellationToken.None));
        }
        Assert.True(await vault.IsAliveAsync(texts[^1]));
        Assert.Equal(204, (await vault.WriteAsync("auth/token/revoke-self", "{}", parent)).Status);
        // The request left most of the 5,000 to the background, and none of them answers.
        for (int i = 0; i < texts.Count; i += 97)
            Assert.False(await vault.IsAliveAsync(texts[i]));
        await EventuallyAsync(async () => await CountAsync(vault, "sys/token/id/") == 1 && await CountAsync(vault, TokenKeys.Revoking) == 0);
    }

    [Fact]
    public async Task Revoke_whileChildrenAreCreated_leavesNoneAlive()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string parent = await vault.TokenAsync(Child);
        var children = new List<string>();
        Task creating = Task.Run(async () =>
        {
            while (true)
            {
                TestResponse response = await vault.WriteAsync("auth/token/create", Child, parent);
                if (response.Status != 200)
                    return;
                children.Add(response.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "");
            }
        });
        await Task.Delay(30);
        Assert.Equal(204, (await vault.WriteAsync("auth/token/revoke", $$"""{"token":"{{parent}}"}""")).Status);
        await creating;
        foreach (string child in children)
            Assert.False(await vault.IsAliveAsync(child));
        Assert.Equal(1, await CountAsync(vault, "sys/token/id/"));
    }

    /// <summary>The same in one fixed order: the child is made before the revocation and commits after it.</summary>
    [Fact]
    public async Task Child_committedAfterItsParentIsRevoked_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string parent = await vault.TokenAsync(Child);
        TokenStore tokens = vault.Kernel().Tokens;
        TokenEntry? entry = await tokens.FindAsync(parent, CancellationToken.None);
        Assert.NotNull(entry);
        using var tx = vault.Kernel().Barrier.Begin();
        Assert.True(await tokens.HoldsAsync(tx, entry, CancellationToken.None));
        tokens.Create(tx, TokenStore.RootTemplate(vault.Time.GetUtcNow(), "auth/token/create") with { Parent = entry.IdHash }, out _);
        await vault.WriteAsync("auth/token/revoke-self", "{}", parent);
        Assert.False(await tx.CommitAsync(CancellationToken.None));
    }

    private static async Task<int> CountAsync(TestVault vault, string prefix) =>
        (await vault.Kernel().Barrier.ListKeysAsync(prefix, "", 10_000, CancellationToken.None)).Count;

    internal static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (int i = 0; i < 400; i++)
        {
            if (await condition())
                return;
            await Task.Delay(25);
        }
        Assert.Fail("it did not happen within 10 s");
    }
}
