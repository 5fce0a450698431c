using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Contract;

/// <summary>What every <see cref="IStorage"/> promises about its change feed.</summary>
public abstract class StorageFeedContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private IStorage? _storage;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IStorage Storage => _storage ?? throw new InvalidOperationException("The test has not started.");

    protected abstract ValueTask<IStorage> OpenAsync();

    public virtual async ValueTask InitializeAsync() => _storage = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Storage.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Feed_names_each_written_key_in_commit_order()
    {
        var one = await CommitAsync(new StorageBatch().Put("a", [1]));
        var two = await CommitAsync(new StorageBatch().Put("b", [1]).Delete("a"));
        _ = await CommitAsync(new StorageBatch().Expect("a", 99).Put("conflict", [1]));
        var three = await CommitAsync(new StorageBatch().Put("c", [1]));

        var changes = await TakeAsync(Storage.Changes(0, Cancellation), 4);

        Assert.Equal(new StorageChange(one, "a"), changes[0]);
        Assert.Equal([new(two, "a"), new(two, "b")], changes[1..3].OrderBy(change => change.Key, StringComparer.Ordinal));
        Assert.Equal(new StorageChange(three, "c"), changes[3]);
    }

    [Fact]
    public async Task Feed_resumes_after_the_given_sequence()
    {
        await CommitAsync(new StorageBatch().Put("a", [1]));
        var two = await CommitAsync(new StorageBatch().Put("b", [1]));
        var three = await CommitAsync(new StorageBatch().Put("c", [1]));

        Assert.Equal([new(three, "c")], await TakeAsync(Storage.Changes(two, Cancellation), 1));
    }

    [Fact]
    public async Task Feed_from_the_latest_starts_at_the_call()
    {
        await CommitAsync(new StorageBatch().Put("before", [1]));
        var feed = Storage.Changes(IStorage.LatestSequence, Cancellation);

        var sequence = await CommitAsync(new StorageBatch().Put("after", [1]));

        Assert.Equal([new(sequence, "after")], await TakeAsync(feed, 1));
    }

    [Fact]
    public async Task Feed_that_waits_is_woken_by_a_commit()
    {
        var waiting = TakeAsync(Storage.Changes(IStorage.LatestSequence, Cancellation), 2);
        var one = await CommitAsync(new StorageBatch().Put("a", [1]));
        var two = await CommitAsync(new StorageBatch().Put("b", [1]));

        Assert.Equal([new(one, "a"), new(two, "b")], await waiting);
    }

    [Fact]
    public async Task Feed_holds_a_change_as_soon_as_its_commit_returned()
    {
        for (var i = 0; i < 50; i++)
        {
            await using var feed = Storage.Changes(IStorage.LatestSequence, Cancellation).GetAsyncEnumerator(Cancellation);
            await CommitAsync(new StorageBatch().Put($"k/{i}", [1]));

            var next = feed.MoveNextAsync();

            Assert.True(next.IsCompleted && await next);
        }
    }

    [Fact]
    public async Task Feed_from_a_sequence_in_the_future_says_that_anything_may_have_changed()
    {
        var latest = await CommitAsync(new StorageBatch().Put("a", [1]));

        Assert.Equal([new(latest, null)], await TakeAsync(Storage.Changes(latest + 1000, Cancellation), 1));
    }

    [Fact]
    public async Task Feed_of_concurrent_commits_is_complete_and_ordered()
    {
        const int Writers = 16;
        const int Commits = 20;
        var reader = TakeAsync(Storage.Changes(IStorage.LatestSequence, Cancellation), Writers * Commits);

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < Commits; i++)
                {
                    await CommitAsync(new StorageBatch().Put($"{writer}/{i}", [1]));
                }
            },
            Cancellation)));

        var changes = await reader;
        Assert.Equal(changes.OrderBy(change => change.Sequence), changes);
        Assert.Equal(Writers * Commits, changes.Select(change => change.Key).Distinct().Count());
        Assert.Equal(Writers * Commits, changes.Select(change => change.Sequence).Distinct().Count());
    }

    [Fact]
    public async Task Feed_ends_with_the_token()
    {
        using var source = new CancellationTokenSource();
        var waiting = TakeAsync(Storage.Changes(IStorage.LatestSequence, source.Token), 1);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Feed_ends_with_the_storage()
    {
        var waiting = TakeAsync(Storage.Changes(IStorage.LatestSequence, Cancellation), 1);

        await Storage.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Throws<ObjectDisposedException>(() => Storage.Changes(0, Cancellation));
    }

    private static async Task<List<StorageChange>> TakeAsync(IAsyncEnumerable<StorageChange> feed, int count)
    {
        var taken = new List<StorageChange>();
        await using var changes = feed.GetAsyncEnumerator(Cancellation);
        while (taken.Count < count && await changes.MoveNextAsync().AsTask().WaitAsync(Patience))
        {
            taken.Add(changes.Current);
        }

        return taken;
    }

    private async Task<long> CommitAsync(StorageBatch batch) => (await Storage.CommitAsync(batch, Cancellation)).Sequence;
}
