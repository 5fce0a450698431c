using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Contract;

/// <summary>
/// What every <see cref="IStorage"/> promises. Derive it, return a new and empty storage from <see cref="OpenAsync"/>,
/// and the kernel can rely on it. <see cref="StorageFeedContract"/> holds the change feed.
/// </summary>
public abstract class StorageContract : IAsyncLifetime
{
    private static readonly string[] OddKeys =
    [
        "/", "//", "a", "a/", "a//b", "a/b", "a b", "a%2Fb", "a%", "a'b", "a\"b", "a\\b", "a;--", "a_", "a*", "A", "Ä",
        "\u0001", "\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U00010000", "\U0001f41f", "\U0010ffff",
        "e\u0301", "\u00e9", ".", "..", "../a", "\n", "a\nb", "\u202e", new string('k', StorageKey.MaxBytes),
        string.Concat(Enumerable.Repeat("\U0001f41f", StorageKey.MaxBytes / 4)),
    ];

    private IStorage? _storage;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected IStorage Storage => _storage ?? throw new InvalidOperationException("The test has not started.");

    protected abstract ValueTask<IStorage> OpenAsync();

    public virtual async ValueTask InitializeAsync() => _storage = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Storage.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Get_of_a_missing_key_is_null() => Assert.Null(await Storage.GetAsync("missing", Cancellation));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    [InlineData(8 << 20)]
    public async Task Get_returns_the_bytes_that_were_put(int length)
    {
        var value = RandomNumberGenerator.GetBytes(length);

        var committed = await PutAsync("a", value);

        var stored = await GetAsync("a");
        Assert.Equal(value, stored.Value);
        Assert.True(committed.IsCommitted && stored.Version > 0);
    }

    [Fact]
    public async Task Get_gives_each_caller_an_array_of_its_own()
    {
        await PutAsync("a", [1, 2, 3]);

        (await GetAsync("a")).Value[0] = 9;

        Assert.Equal("1, 2, 3", await TextAsync("a"));
    }

    [Fact]
    public async Task Odd_keys_are_kept_apart_and_listed_by_their_bytes()
    {
        foreach (var key in OddKeys)
        {
            await PutAsync(key, Encoding.UTF8.GetBytes(key));
        }

        var listed = await Storage.ListAsync("", "", 1000, Cancellation);
        Assert.Equal(SortedByBytes(OddKeys), listed);
        foreach (var key in OddKeys)
        {
            Assert.Equal(Encoding.UTF8.GetBytes(key), (await GetAsync(key)).Value);
        }
    }

    [Fact]
    public async Task Keys_that_break_the_rule_are_refused_everywhere()
    {
        string[] wrong = ["", "a\0b", "\0", "\ud800", "a\udc00b", new('k', StorageKey.MaxBytes + 1), new('é', 2049)];
        foreach (var key in wrong)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Storage.GetAsync(key, Cancellation));
            await Assert.ThrowsAsync<ArgumentException>(async () => await PutAsync(key, [1]));
            await Assert.ThrowsAsync<ArgumentException>(async () => await CommitAsync(new StorageBatch().Delete(key)));
            await Assert.ThrowsAsync<ArgumentException>(async () => await CommitAsync(new StorageBatch().Expect(key, 0)));
        }

        Assert.Empty(await Storage.ListAsync("", "", 10, Cancellation));
    }

    [Fact]
    public async Task Values_over_the_limit_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await PutAsync("a", new byte[StorageKey.MaxValueBytes + 1]));

        Assert.Null(await Storage.GetAsync("a", Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public async Task List_with_a_limit_out_of_range_is_refused(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Storage.ListAsync("", "", limit, Cancellation));

    [Fact]
    public async Task List_holds_exactly_the_keys_with_the_prefix_whatever_its_characters()
    {
        await PutAllAsync(OddKeys);
        foreach (var prefix in (string[])["a", "a/", "a%", "a_", "a\"", "A", "\ud7ff", "\uffff", "\U0001f41f", "\U0010ffff", "zz", "k"])
        {
            var expected = SortedByBytes(OddKeys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)));

            Assert.Equal(expected, await Storage.ListAsync(prefix, "", 1000, Cancellation));
        }
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("", 7)]
    [InlineData("a", 3)]
    public async Task List_pages_give_every_key_once_and_in_order(string prefix, int limit)
    {
        await PutAllAsync(OddKeys);
        var paged = new List<string>();
        var after = "";
        while (true)
        {
            var page = await Storage.ListAsync(prefix, after, limit, Cancellation);
            Assert.True(page.Count <= limit);
            paged.AddRange(page);
            if (page.Count < limit)
            {
                break;
            }

            after = page[^1];
        }

        Assert.Equal(SortedByBytes(OddKeys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))), paged);
    }

    [Theory]
    [InlineData("b", "", "b|b/1|b/2|bb")]
    [InlineData("b", "a", "b|b/1|b/2|bb")]
    [InlineData("b", "b", "b/1|b/2|bb")]
    [InlineData("b", "b/1x", "b/2|bb")]
    [InlineData("b", "bb", "")]
    [InlineData("b", "c", "")]
    [InlineData("", "b/2", "bb|c")]
    [InlineData("", "zzz", "")]
    public async Task List_starts_strictly_after_the_given_text(string prefix, string after, string expected)
    {
        await PutAllAsync(["a", "b", "b/1", "b/2", "bb", "c"]);

        Assert.Equal(expected, string.Join('|', await Storage.ListAsync(prefix, after, 100, Cancellation)));
    }

    [Fact]
    public async Task List_does_not_show_deleted_keys()
    {
        await PutAllAsync(["a", "b"]);

        await CommitAsync(new StorageBatch().Delete("a"));

        Assert.Equal(["b"], await Storage.ListAsync("", "", 10, Cancellation));
        Assert.Null(await Storage.GetAsync("a", Cancellation));
    }

    [Fact]
    public async Task Version_grows_with_each_write_also_after_delete_and_new_write()
    {
        var last = 0L;
        for (var i = 0; i < 3; i++)
        {
            await PutAsync("a", [1]);
            var first = (await GetAsync("a")).Version;
            await PutAsync("a", [1]);
            var second = (await GetAsync("a")).Version;
            Assert.True(first > last && second > first);
            await CommitAsync(new StorageBatch().Delete("a"));
            last = second;
        }
    }

    [Fact]
    public async Task Commit_with_a_wrong_version_writes_nothing()
    {
        await PutAsync("a", [1]);
        var version = (await GetAsync("a")).Version;
        await PutAsync("a", [2]);

        var stale = await CommitAsync(new StorageBatch().Expect("a", version).Put("a", [3]).Put("b", [3]).Delete("a2"));

        Assert.Equal(CommitResult.Conflict, stale);
        Assert.Equal("2", await TextAsync("a"));
        Assert.Null(await Storage.GetAsync("b", Cancellation));
    }

    [Fact]
    public async Task Commit_that_expects_absence_creates_once()
    {
        Assert.True((await CommitAsync(new StorageBatch().Expect("a", 0).Put("a", [1]))).IsCommitted);
        Assert.False((await CommitAsync(new StorageBatch().Expect("a", 0).Put("a", [2]))).IsCommitted);

        await CommitAsync(new StorageBatch().Delete("a"));

        Assert.True((await CommitAsync(new StorageBatch().Expect("a", 0).Put("a", [3]))).IsCommitted);
        Assert.Equal("3", await TextAsync("a"));
    }

    [Fact]
    public async Task Commit_deletes_only_the_expected_version()
    {
        await PutAsync("a", [1]);
        var version = (await GetAsync("a")).Version;

        Assert.False((await CommitAsync(new StorageBatch().Expect("a", version + 1).Delete("a"))).IsCommitted);
        Assert.True((await CommitAsync(new StorageBatch().Expect("a", version).Delete("a"))).IsCommitted);
        Assert.False((await CommitAsync(new StorageBatch().Expect("a", version).Put("a", [2]))).IsCommitted);
    }

    [Fact]
    public async Task Commit_can_expect_keys_that_it_does_not_write()
    {
        await PutAsync("guard", [1]);
        var version = (await GetAsync("guard")).Version;

        Assert.True((await CommitAsync(new StorageBatch().Expect("guard", version).Put("a", [1]))).IsCommitted);
        await PutAsync("guard", [2]);
        Assert.False((await CommitAsync(new StorageBatch().Expect("guard", version).Put("a", [2]))).IsCommitted);
        Assert.Equal("1", await TextAsync("a"));
    }

    [Fact]
    public async Task Commit_without_writes_only_checks()
    {
        var first = await PutAsync("a", [1]);
        var version = (await GetAsync("a")).Version;

        Assert.Equal(first, await CommitAsync(new StorageBatch().Expect("a", version)));
        Assert.Equal(CommitResult.Conflict, await CommitAsync(new StorageBatch().Expect("a", 0)));
        Assert.Equal(first, await CommitAsync(new StorageBatch()));
    }

    [Fact]
    public async Task Commit_of_a_delete_of_nothing_is_no_error() =>
        Assert.True((await CommitAsync(new StorageBatch().Delete("missing"))).IsCommitted);

    [Fact]
    public async Task Commit_sequences_increase()
    {
        var last = 0L;
        for (var i = 0; i < 5; i++)
        {
            var result = await PutAsync("a", [1]);
            Assert.True(result.Sequence > last);
            last = result.Sequence;
        }
    }

    [Fact]
    public async Task Commit_that_is_cancelled_beforehand_writes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Storage.CommitAsync(new StorageBatch().Put("a", [1]), cancelled.Token));

        Assert.Null(await Storage.GetAsync("a", Cancellation));
    }

    [Fact]
    public async Task Counter_of_64_concurrent_writers_is_exact()
    {
        const int Writers = 64;
        const int Increments = 8;
        await PutAsync("counter", BitConverter.GetBytes(0));

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => IncrementAsync(writer, Increments), Cancellation)));

        Assert.Equal(Writers * Increments, BitConverter.ToInt32((await GetAsync("counter")).Value));
        Assert.Equal(Writers * Increments, (await Storage.ListAsync("mark/", "", 10_000, Cancellation)).Count);
    }

    [Fact]
    public async Task Reads_never_see_half_of_a_batch_and_see_every_batch_that_returned()
    {
        const int Keys = 1000;
        var names = Enumerable.Range(0, Keys).Select(i => $"batch/{i:d4}").ToArray();
        var committed = 0;
        var writer = Task.Run(
            async () =>
            {
                for (var round = 1; round <= 20; round++)
                {
                    var batch = new StorageBatch();
                    foreach (var name in names)
                    {
                        _ = round % 2 == 1 ? batch.Put(name, BitConverter.GetBytes(round)) : batch.Delete(name);
                    }

                    Assert.True((await CommitAsync(batch)).IsCommitted);
                    Volatile.Write(ref committed, round);
                }
            },
            Cancellation);

        while (!writer.IsCompleted)
        {
            var before = Volatile.Read(ref committed);
            var seen = await Storage.GetAsync(names[^1], Cancellation);
            var count = (await Storage.ListAsync("batch/", "", 10_000, Cancellation)).Count;
            Assert.True(count is 0 or Keys, $"A listing saw {count} of {Keys} keys of one batch.");
            if (seen is { } value)
            {
                Assert.True(BitConverter.ToInt32(value.Value) >= before, "A read was older than a commit that had returned.");
            }
        }

        await writer;
    }

    [Fact]
    public async Task Read_that_follows_a_commit_sees_it_from_any_thread()
    {
        for (var i = 1; i <= 100; i++)
        {
            await PutAsync("fresh", BitConverter.GetBytes(i));
            var read = await Task.Run(() => GetAsync("fresh"), Cancellation);
            Assert.Equal(i, BitConverter.ToInt32(read.Value));
        }
    }

    [Fact]
    public async Task Calls_after_disposal_throw_and_disposal_may_be_repeated()
    {
        await PutAsync("a", [1]);

        await Storage.DisposeAsync();
        await Storage.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Storage.GetAsync("a", Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Storage.ListAsync("", "", 1, Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await PutAsync("a", [1]));
    }

    [Fact]
    public async Task Disposal_answers_every_commit_that_was_accepted()
    {
        var commits = Enumerable.Range(0, 200).Select(i => PutAsync($"k/{i}", [1]).AsTask()).ToArray();

        await Storage.DisposeAsync();

        foreach (var commit in commits)
        {
            Assert.True((await commit.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).IsCommitted);
        }
    }

    [Fact]
    public async Task Disposal_leaves_no_commit_waiting_however_many_there_are()
    {
        var commits = Enumerable.Range(0, 5000).Select(i => PutAsync($"k/{i}", [1]).AsTask()).ToArray();

        await Storage.DisposeAsync();

        foreach (var commit in commits)
        {
            try
            {
                Assert.True((await commit.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).IsCommitted);
            }
            catch (ObjectDisposedException)
            {
                Assert.NotSame(commit, commits[0]);
            }
        }
    }

    protected ValueTask<CommitResult> CommitAsync(StorageBatch batch) => Storage.CommitAsync(batch, Cancellation);

    protected ValueTask<CommitResult> PutAsync(string key, byte[] value) => CommitAsync(new StorageBatch().Put(key, value));

    protected async Task<StoredValue> GetAsync(string key)
    {
        var stored = await Storage.GetAsync(key, Cancellation);
        Assert.NotNull(stored);
        return stored.Value;
    }

    private async Task<string> TextAsync(string key) => string.Join(", ", (await GetAsync(key)).Value);

    private static List<string> SortedByBytes(IEnumerable<string> keys) =>
        [.. keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal)];

    private async Task PutAllAsync(IEnumerable<string> keys)
    {
        var batch = new StorageBatch();
        foreach (var key in keys)
        {
            batch.Put(key, [1]);
        }

        await CommitAsync(batch);
    }

    private async Task IncrementAsync(int writer, int times)
    {
        for (var done = 0; done < times;)
        {
            var current = await GetAsync("counter");
            var next = BitConverter.GetBytes(BitConverter.ToInt32(current.Value) + 1);
            var batch = new StorageBatch().Expect("counter", current.Version).Put("counter", next).Put($"mark/{writer}/{done}", []);
            done += (await CommitAsync(batch)).IsCommitted ? 1 : 0;
        }
    }
}
