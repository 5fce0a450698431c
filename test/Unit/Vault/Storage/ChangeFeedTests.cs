using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Storage;

public sealed class ChangeFeedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reader_from_before_the_process_gets_the_marker_and_goes_on()
    {
        var feed = new ChangeFeed(latest: 41);
        await using var reader = feed.Read(40, Cancellation).GetAsyncEnumerator(Cancellation);

        Assert.Equal(new StorageChange(41, null), await NextAsync(reader));
        feed.Publish(42, ["a"]);
        Assert.Equal(new StorageChange(42, "a"), await NextAsync(reader));
    }

    [Fact]
    public async Task Reader_from_the_last_sequence_before_the_process_misses_nothing()
    {
        var feed = new ChangeFeed(latest: 41);
        feed.Publish(42, ["a"]);

        await using var reader = feed.Read(41, Cancellation).GetAsyncEnumerator(Cancellation);

        Assert.Equal(new StorageChange(42, "a"), await NextAsync(reader));
    }

    [Theory]
    [InlineData(6, "7:g|8:h|9:i|10:j")]
    [InlineData(5, "10:")]
    [InlineData(0, "10:")]
    [InlineData(9, "10:j")]
    public async Task Reader_gets_what_the_ring_still_holds_or_the_marker(long from, string expected)
    {
        var feed = new ChangeFeed(latest: 0, capacity: 4);
        for (var i = 1; i <= 10; i++)
        {
            feed.Publish(i, [((char)('a' + i - 1)).ToString()]);
        }

        Assert.Equal(expected, await ReadAsync(feed, from, expected.Split('|').Length));
    }

    [Fact]
    public async Task Reader_of_a_commit_that_is_cut_by_the_ring_gets_the_marker()
    {
        var feed = new ChangeFeed(latest: 0, capacity: 3);
        feed.Publish(1, ["a", "b"]);
        feed.Publish(2, ["c", "d"]);

        Assert.Equal("2:", await ReadAsync(feed, 0, 1));
        Assert.Equal("2:c|2:d", await ReadAsync(feed, 1, 2));
    }

    [Fact]
    public async Task Reader_of_a_commit_larger_than_the_ring_gets_the_marker()
    {
        var feed = new ChangeFeed(latest: 0, capacity: 2);
        feed.Publish(1, ["a", "b", "c"]);

        Assert.Equal("1:", await ReadAsync(feed, 0, 1));
    }

    [Fact]
    public async Task Reader_that_is_overtaken_gets_the_marker_then_only_what_is_new()
    {
        var feed = new ChangeFeed(latest: 0, capacity: 4);
        feed.Publish(1, ["a"]);
        await using var reader = feed.Read(0, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.Equal(new StorageChange(1, "a"), await NextAsync(reader));

        for (var i = 2; i <= 6; i++)
        {
            feed.Publish(i, ["x"]);
        }

        Assert.Equal(new StorageChange(6, null), await NextAsync(reader));
        feed.Publish(7, ["b"]);
        Assert.Equal(new StorageChange(7, "b"), await NextAsync(reader));
    }

    [Fact]
    public async Task Reader_crosses_more_changes_than_one_chunk()
    {
        var feed = new ChangeFeed(latest: 0);
        for (var i = 1; i <= 1000; i++)
        {
            feed.Publish(i, [$"{i}"]);
        }

        var expected = string.Join('|', Enumerable.Range(1, 1000).Select(i => $"{i}:{i}"));
        Assert.Equal(expected, await ReadAsync(feed, 0, 1000));
    }

    [Fact]
    public void Publish_out_of_order_is_refused()
    {
        var feed = new ChangeFeed(latest: 5);

        Assert.Throws<ArgumentOutOfRangeException>(() => feed.Publish(5, ["a"]));
    }

    private static async Task<string> ReadAsync(ChangeFeed feed, long from, int count)
    {
        var taken = new List<string>();
        await using var reader = feed.Read(from, Cancellation).GetAsyncEnumerator(Cancellation);
        while (taken.Count < count)
        {
            var change = await NextAsync(reader);
            taken.Add($"{change.Sequence}:{change.Key}");
        }

        return string.Join('|', taken);
    }

    private static async Task<StorageChange> NextAsync(IAsyncEnumerator<StorageChange> reader)
    {
        Assert.True(await reader.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        return reader.Current;
    }
}
