using System.Text;
using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Storage.Sqlite;

public sealed class SqliteDamageTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Database => _temporary["candlefish.db"];

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(0, "empty or cut off")]
    [InlineData(99, "empty or cut off")]
    [InlineData(100, "damaged")]
    [InlineData(4095, "damaged")]
    [InlineData(4096, "damaged")]
    [InlineData(40_960, "damaged")]
    public async Task Open_of_a_truncated_database_says_so_and_changes_nothing(int length, string text)
    {
        await FillAsync();
        await TruncateAsync(length);

        await AssertRefusedAsync(text);
        Assert.Equal(length, new FileInfo(Database).Length);
    }

    [Fact]
    public async Task Open_of_garbage_says_that_it_is_not_a_database()
    {
        await FillAsync();
        await File.WriteAllBytesAsync(Database, Encoding.ASCII.GetBytes(new string('x', 8192)), Cancellation);

        await AssertRefusedAsync("not a database");
    }

    [Fact]
    public async Task Open_of_the_database_of_another_program_is_refused()
    {
        await FillAsync();
        await PatchAsync(68, [0, 0, 0, 0]);

        await AssertRefusedAsync("another program");
    }

    [Fact]
    public async Task Open_of_a_newer_format_is_refused_and_changes_nothing()
    {
        await FillAsync();
        using (var database = SqliteDatabase.OpenWriter(Database))
        {
            database.Execute("UPDATE meta SET value = 2 WHERE name = 'format'");
        }

        var before = await File.ReadAllBytesAsync(Database, Cancellation);
        await AssertRefusedAsync("format 2");
        Assert.Equal(before, await File.ReadAllBytesAsync(Database, Cancellation));
    }

    [Theory]
    [InlineData("DROP TABLE kv")]
    [InlineData("DROP TABLE meta")]
    [InlineData("DELETE FROM meta WHERE name = 'sequence'")]
    public async Task Open_of_a_database_with_parts_missing_is_refused(string sql)
    {
        await FillAsync();
        using (var database = SqliteDatabase.OpenWriter(Database))
        {
            database.Execute(sql);
        }

        await AssertRefusedAsync("restore the newest backup");
    }

    [Fact]
    public async Task Open_of_a_log_without_its_database_is_refused_and_keeps_the_log()
    {
        await FillAsync();
        File.Delete(Database);
        await File.WriteAllBytesAsync(Database + "-wal", new byte[4096], Cancellation);
        RestrictToOwner(Database + "-wal");

        await AssertRefusedAsync("does not");
        Assert.True(File.Exists(Database + "-wal"));
    }

    [Fact]
    public async Task Open_ignores_a_database_that_was_never_finished()
    {
        await File.WriteAllBytesAsync(Database + ".new", new byte[5000], Cancellation);

        await FillAsync();

        Assert.False(File.Exists(Database + ".new"));
    }

    [Fact]
    public async Task Flipped_bytes_give_values_or_storage_errors_and_nothing_else()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await FillAsync();
        var whole = await File.ReadAllBytesAsync(Database, Cancellation);
        for (var round = 0; round < 100; round++)
        {
            var flipped = whole.AsSpan().ToArray();
            for (var flips = 0; flips < 20; flips++)
            {
                flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
            }

            await File.WriteAllBytesAsync(Database, flipped, Cancellation);
            try
            {
                await ReadAndWriteAsync();
            }
            catch (StorageException)
            {
                continue;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {e}");
            }
        }
    }

    private async Task ReadAndWriteAsync()
    {
        await using var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
        foreach (var key in await storage.ListAsync("key/", "", 1000, Cancellation))
        {
            _ = await storage.GetAsync(key.Replace('\0', '-'), Cancellation);
        }

        await storage.CommitAsync(new StorageBatch().Put("key/new", [1]).Delete("key/7"), Cancellation);
    }

    private async Task FillAsync()
    {
        await using var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
        var batch = new StorageBatch();
        for (var i = 0; i < 200; i++)
        {
            batch.Put($"key/{i}", Encoding.ASCII.GetBytes(new string('v', 500)));
        }

        await storage.CommitAsync(batch, Cancellation);
    }

    private async Task AssertRefusedAsync(string text)
    {
        var refusal = await Assert.ThrowsAsync<StorageException>(async () => await SqliteStorage.OpenAsync(_temporary.Path, Cancellation));
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_temporary.Path, refusal.Message, StringComparison.Ordinal);
    }

    private async Task TruncateAsync(int length)
    {
        await using var file = new FileStream(Database, FileMode.Open);
        file.SetLength(length);
    }

    private async Task PatchAsync(int offset, byte[] bytes)
    {
        await using var file = new FileStream(Database, FileMode.Open);
        file.Position = offset;
        await file.WriteAsync(bytes, Cancellation);
    }

    private static void RestrictToOwner(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
