using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvConcurrencyTests
{
    [Fact]
    public async Task Cas_of64Writers_letsExactlyOneThroughPerVersion()
    {
        await using TestVault vault = await KvVault.StartAsync();
        for (int version = 0; version < 5; version++)
        {
            int cas = version;
            TestResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(writer => Task.Run(() =>
                vault.WriteAsync("secret/data/app", $$$"""{"data":{"w":{{{writer}}}},"options":{"cas":{{{cas}}}}}"""))));
            TestResponse winner = Assert.Single(answers, a => a.Status == 200);
            Assert.Equal(version + 1, winner.Data.GetProperty("version").GetInt32());
            Assert.Equal(63, answers.Count(a => a.Status == 400 && a.Error == "check-and-set parameter did not match the current version"));
        }
    }

    [Fact]
    public async Task Increments_byCasLoop_loseNone()
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/data/n", """{"data":{"n":0}}""");
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => IncrementAsync(vault))));
        Assert.Equal(64, (await vault.ReadAsync("secret/data/n")).Data.GetProperty("data").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task Write_answered_isSeenByEveryReaderAfterwards()
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/data/app", """{"data":{"n":0}}""");
        for (int n = 1; n <= 50; n++)
        {
            await vault.WriteAsync("secret/data/app", $$$"""{"data":{"n":{{{n}}}}}""");
            int[] seen = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
                (await vault.ReadAsync("secret/data/app")).Data.GetProperty("data").GetProperty("n").GetInt32())));
            Assert.All(seen, s => Assert.Equal(n, s));
        }
    }

    [Fact]
    public async Task Write_withoutCasBy64Writers_refusesNone()
    {
        using var directory = new TemporaryDirectory();
        await using SqliteStorage storage = await SqliteStorage.OpenAsync(directory.Path, TestContext.Current.CancellationToken);
        await using TestVault vault = await TestVault.StartAsync(storage: storage);
        await vault.WriteAsync("sys/mounts/secret", """{"type":"kv","options":{"version":"2"}}""");
        TestResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => vault.WriteAsync("secret/data/app", """{"data":{}}"""))));
        Assert.All(answers, a => Assert.Equal(200, a.Status));
        Assert.Equal(Enumerable.Range(1, 64), answers.Select(a => a.Data.GetProperty("version").GetInt32()).Order());
    }

    private static async Task IncrementAsync(TestVault vault)
    {
        while (true)
        {
            TestResponse read = await vault.ReadAsync("secret/data/n");
            int version = read.Data.GetProperty("metadata").GetProperty("version").GetInt32();
            int next = read.Data.GetProperty("data").GetProperty("n").GetInt32() + 1;
            TestResponse written = await vault.WriteAsync("secret/data/n", $$$"""{"data":{"n":{{{next}}}},"options":{"cas":{{{version}}}}}""");
            if (written.Status == 200)
                return;
            Assert.Equal(400, written.Status);
        }
    }
}
