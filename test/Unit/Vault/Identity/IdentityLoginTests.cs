using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class IdentityLoginTests
{
    [Fact]
    public async Task FirstLogins_64AtOnceOfOneAlias_makeOneEntity()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        for (int round = 0; round < 10; round++)
        {
            string name = "user" + round;
            JsonElement[] logins = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => vault.LoginThroughAsync("one", name))));
            Assert.Single(logins.Select(l => l.EntityId()).Distinct());
            Assert.Equal(round + 1, (await vault.KeysAsync("identity/entity/id")).Length);
            Assert.Equal(round + 1, (await vault.KeysAsync("identity/entity-alias/id")).Length);
        }
    }

    [Fact]
    public async Task Logins_64AtOnceIntoOneExternalGroup_areAllMembers()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.OkAsync("identity/group-alias", $$"""{"name":"all","mount_accessor":"{{await vault.AccessorOfAsync("one")}}"}""");
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() => vault.LoginThroughAsync("one", "user" + i, """{"groups":"all"}"""))));
        string group = (await vault.KeysAsync("identity/group/id"))[0];
        Assert.Equal(await vault.KeysAsync("identity/entity/id"), (await vault.ReadAsync("identity/group/id/" + group)).Data.Strings("member_entity_ids"));
        Assert.Equal(64, (await vault.KeysAsync("identity/entity/id")).Length);
    }

    [Fact]
    public async Task Login_sameEntity_keepsIdAcrossSealAndUnseal()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("p", "q");
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        await vault.OkAsync("identity/entity/id/" + auth.EntityId(), """{"policies":"p"}""");
        await vault.MakeAsync("identity/group", $$"""{"policies":"q","member_entity_ids":"{{auth.EntityId()}}"}""");
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/p", auth.Token()));
        Assert.Equal(200, await vault.StatusOfReadAsync("kv/q", auth.Token()));
        Assert.Equal(auth.EntityId(), (await vault.LoginThroughAsync("one", "ann")).EntityId());
    }

    [Fact]
    public async Task Login_ofOneUserRepeatedAtOnce_allSucceedWhileItsEntityIsWritten()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        string id = (await vault.LoginThroughAsync("one", "ann")).EntityId();
        Task<JsonElement>[] logins = [.. Enumerable.Range(0, 64).Select(_ => Task.Run(() => vault.LoginThroughAsync("one", "ann")))];
        for (int i = 0; i < 5; i++)
            await vault.OkAsync("identity/entity/id/" + id, $$"""{"metadata":{"n":"{{i}}"} }""");
        Assert.All(await Task.WhenAll(logins), l => Assert.Equal(id, l.EntityId()));
    }

    [Fact]
    public async Task Rights_readWhileTheyChange_areNeverOfTwoMoments()
    {
        await using TestVault vault = await IdentityTestVault.StartAsync();
        await vault.ReadableAsync("now");
        JsonElement auth = await vault.LoginThroughAsync("one", "ann");
        string group = await vault.MakeAsync("identity/group", $$"""{"member_entity_ids":"{{auth.EntityId()}}"}""");
        using var stop = new CancellationTokenSource();
        Task readers = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await vault.ReadAsync("kv/now", auth.Token());
        })));
        for (int i = 0; i < 300; i++)
        {
            bool grants = i % 2 == 0;
            await vault.OkAsync("identity/group/id/" + group, grants ? """{"policies":"now"}""" : """{"policies":[]}""");
            Assert.Equal(grants ? 200 : 403, await vault.StatusOfReadAsync("kv/now", auth.Token()));
        }
        await stop.CancelAsync();
        await readers;
    }
}
