using System.Diagnostics;
using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Storage.Sqlite;

public sealed class SqliteStorageTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Reopened_storage_has_the_values_and_never_reuses_a_version()
    {
        long written;
        await using (var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation))
        {
            await storage.CommitAsync(new StorageBatch().Put("kept", [7]), Cancellation);
            await storage.CommitAsync(new StorageBatch().Put("gone", [7]), Cancellation);
            written = (await storage.CommitAsync(new StorageBatch().Delete("gone"), Cancellation)).Sequence;
        }

        await using var reopened = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
        var next = await reopened.CommitAsync(new StorageBatch().Expect("gone", 0).Put("gone", [8]), Cancellation);

        Assert.Equal(7, Assert.Single((await reopened.GetAsync("kept", Cancellation))?.Value ?? []));
        Assert.Equal(written + 1, next.Sequence);
        Assert.Equal(written + 1, (await reopened.GetAsync("gone", Cancellation))?.Version);
    }

    [Fact]
    public async Task Feed_from_before_the_restart_says_that_anything_may_have_changed()
    {
        await using (var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation))
        {
            await storage.CommitAsync(new StorageBatch().Put("a", [7]), Cancellation);
        }

        await using var reopened = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
        await using var feed = reopened.Changes(0, Cancellation).GetAsyncEnumerator(Cancellation);

        Assert.True(await feed.MoveNextAsync());
        Assert.Equal(new StorageChange(1, null), feed.Current);
    }

    [Fact]
    public async Task Log_stays_bounded_under_writes_with_readers_at_work()
    {
        await using var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await storage.ListAsync("", "", 1000, Cancellation);
                    await Task.Yield();
                }
            },
            Cancellation)).ToArray();

        var value = new byte[256 * 1024];
        for (var i = 0; i < 600; i++)
        {
            await storage.CommitAsync(new StorageBatch().Put($"key/{i % 50}", value), Cancellation);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        var log = new FileInfo(_temporary["candlefish.db-wal"]).Length;
        Assert.True(log < 100 << 20, $"150 MiB were written and the log has {log >> 20} MiB.");
    }

    [Fact]
    public async Task Full_disk_fails_writes_serves_reads_and_heals_without_a_restart()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can mount a small file system.");
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", _temporary.Path);
        try
        {
            var filler = _temporary["filler"];
            await File.WriteAllBytesAsync(filler, new byte[3 << 20], Cancellation);
            var acknowledged = new List<string>();
            await using (var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation))
            {
                await FillUpAsync(storage, acknowledged);
                await FillUpAsync(storage, acknowledged);
                await AssertWholeAsync(storage, acknowledged);

                File.Delete(filler);
                Assert.True((await PutAsync(storage, "healed")).IsCommitted);
                acknowledged.Add("healed");
                await FillUpAsync(storage, acknowledged);
            }

            await using var reopened = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
            await AssertWholeAsync(reopened, acknowledged);
        }
        finally
        {
            await RunAsync("umount", _temporary.Path);
        }
    }

    /// <summary>Writes until the disk is full. At the end no single value more fits, whatever group it was in.</summary>
    private static async Task FillUpAsync(SqliteStorage storage, List<string> acknowledged)
    {
        for (var i = 0; i < 1000; i++)
        {
            var key = $"key/{acknowledged.Count}";
            try
            {
                await PutAsync(storage, key);
                acknowledged.Add(key);
            }
            catch (StorageException e)
            {
                Assert.True(e.IsFull, e.Message);
                Assert.False(e.MustRestart, e.Message);
                return;
            }
        }

        Assert.Fail("An 8 MiB disk took more than it can hold.");
    }

    private static async Task AssertWholeAsync(SqliteStorage storage, List<string> acknowledged)
    {
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), await storage.ListAsync("", "", 10_000, Cancellation));
        foreach (var key in acknowledged)
        {
            Assert.Equal(Value(key), (await storage.GetAsync(key, Cancellation))?.Value);
        }
    }

    private static ValueTask<CommitResult> PutAsync(SqliteStorage storage, string key) =>
        storage.CommitAsync(new StorageBatch().Put(key, Value(key)), Cancellation);

    private static byte[] Value(string key) => [.. Enumerable.Repeat((byte)key.Sum(c => c), 60_000)];

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.Equal(0, process.ExitCode);
    }
}
