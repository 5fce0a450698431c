using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Storage.Sqlite;

[UnsupportedOSPlatform("windows")]
public sealed class SqliteDirectoryTests : IDisposable
{
    private const UnixFileMode Directory0700 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode File0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _temporary = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(0x000)]
    [InlineData(0x03F)]
    public async Task Open_creates_owner_only_files_whatever_the_umask(int mask)
    {
        var before = umask(mask);
        try
        {
            await using var storage = await SqliteStorage.OpenAsync(_temporary["a/b"], Cancellation);
            await storage.CommitAsync(new StorageBatch().Put("key", new byte[100_000]), Cancellation);

            Assert.Equal(Directory0700, File.GetUnixFileMode(_temporary["a"]));
            Assert.Equal(Directory0700, File.GetUnixFileMode(_temporary["a/b"]));
            var files = Directory.GetFiles(_temporary["a/b"]);
            Assert.Contains(_temporary["a/b/candlefish.db-wal"], files);
            Assert.All(files, file => Assert.Equal(File0600, File.GetUnixFileMode(file)));
        }
        finally
        {
            _ = umask(before);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public async Task Open_refuses_a_directory_that_others_can_reach(UnixFileMode extra)
    {
        File.SetUnixFileMode(_temporary.Path, Directory0700 | extra);

        await AssertRefusedAsync("chmod 700 " + _temporary.Path);
        Assert.Empty(Directory.GetFiles(_temporary.Path));
    }

    [Theory]
    [InlineData("candlefish.db")]
    [InlineData("candlefish.db-wal")]
    [InlineData("candlefish.lock")]
    public async Task Open_refuses_a_file_that_others_can_read(string name)
    {
        await CreateAsync();
        await File.AppendAllTextAsync(_temporary[name], "", Cancellation);
        File.SetUnixFileMode(_temporary[name], File0600 | UnixFileMode.OtherRead);

        await AssertRefusedAsync("chmod 600 " + _temporary[name]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("candlefish.db")]
    public async Task Open_refuses_what_another_user_owns(string name)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a file to another user.");
        await CreateAsync();
        using var chown = Process.Start("chown", ["65534", _temporary[name]]);
        await chown.WaitForExitAsync(Cancellation);

        await AssertRefusedAsync("belongs to user 65534");
    }

    [Fact]
    public async Task Open_refuses_a_link_in_place_of_the_database()
    {
        await CreateAsync();
        File.Move(_temporary["candlefish.db"], _temporary["elsewhere"]);
        File.CreateSymbolicLink(_temporary["candlefish.db"], _temporary["elsewhere"]);

        await AssertRefusedAsync("not a regular file");
    }

    [Fact]
    public async Task Open_refuses_a_file_in_place_of_the_directory()
    {
        await File.WriteAllTextAsync(_temporary["file"], "", Cancellation);

        var refusal = await Assert.ThrowsAsync<StorageException>(async () => await SqliteStorage.OpenAsync(_temporary["file"], Cancellation));

        Assert.Contains(_temporary["file"], refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_of_a_directory_in_use_names_the_holder_and_does_not_disturb_it()
    {
        await using (var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation))
        {
            await AssertRefusedAsync("in use by process " + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            Assert.True((await storage.CommitAsync(new StorageBatch().Put("a", [1]), Cancellation)).IsCommitted);
        }

        await using var next = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
        Assert.NotNull(await next.GetAsync("a", Cancellation));
    }

    [Fact]
    public async Task Close_leaves_one_database_file_and_the_lock()
    {
        await CreateAsync();

        var names = Directory.GetFiles(_temporary.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["candlefish.db", "candlefish.lock"], names);
    }

    private async Task CreateAsync()
    {
        await using var storage = await SqliteStorage.OpenAsync(_temporary.Path, Cancellation);
        await storage.CommitAsync(new StorageBatch().Put("key", [1]), Cancellation);
    }

    private async Task AssertRefusedAsync(string text)
    {
        var refusal = await Assert.ThrowsAsync<StorageException>(async () => await SqliteStorage.OpenAsync(_temporary.Path, Cancellation));
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
    }

    [DllImport("libc")]
    private static extern int umask(int mask);
}
