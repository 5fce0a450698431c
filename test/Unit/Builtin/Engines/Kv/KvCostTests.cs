using System.Diagnostics;
using System.Globalization;
using System.Text;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

/// <summary>What a request costs: storage calls exactly, time and memory as printed figures with generous bounds.</summary>
public sealed class KvCostTests(ITestOutputHelper output)
{
    private const string Body = """{"data":{"username":"app","password":"0123456789abcdef0123456789abcdef","uri":"mongodb://h/db?a=1&b=2"}}""";

    [Fact]
    public async Task Read_ofASmallSecret_takesOneStorageRead()
    {
        await using var storage = new CountingStorage();
        await using TestVault vault = await StartAsync(storage);
        await vault.WriteAsync("secret/data/app", Body);
        storage.Reset();
        await vault.ReadAsync("secret/data/app");
        Assert.Equal((1, 0), (storage.Reads("/key/", "/version/", "/config"), storage.Writes));
        await vault.WriteAsync("secret/data/app", $$$"""{"data":{"a":"{{{new string('x', 50_000)}}}"}}""");
        storage.Reset();
        await vault.ReadAsync("secret/data/app");
        Assert.Equal(2, storage.Reads("/key/", "/version/", "/config"));
    }

    [Fact]
    public async Task Write_ofASmallSecret_putsAtMostThreeRecordsInOneCommit()
    {
        await using var storage = new CountingStorage();
        await using TestVault vault = await StartAsync(storage);
        for (int version = 1; version <= 12; version++)
        {
            storage.Reset();
            await vault.WriteAsync("secret/data/app", Body);
            Assert.Equal(version == 1 ? 1 : version <= 10 ? 2 : 3, storage.Writes);
            Assert.Equal(1, storage.Commits);
        }
        Assert.InRange(storage.LargestValue("/key/"), 1, 1_024);
    }

    [Fact]
    public async Task ReadAndWrite_costs_arePrinted()
    {
        await using TestVault vault = await StartAsync(null);
        await vault.WriteAsync("secret/data/app", Body);
        await MeasureAsync(vault, "read", Operation.Read, null, 20_000, maxBytes: 12_000);
        await MeasureAsync(vault, "write", Operation.Update, Body, 5_000, maxBytes: 60_000);
    }

    private async Task MeasureAsync(TestVault vault, string name, Operation operation, string? body, int count, long maxBytes)
    {
        for (int i = 0; i < 2_000; i++)
            await OnceAsync(vault, operation, body);
        long bytes = 0;
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            bytes += await OnceAsync(vault, operation, body);
        double microseconds = Stopwatch.GetElapsedTime(started).TotalMicroseconds / count;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"KV v2 {name}: {microseconds:0.0} us, {bytes / count} bytes allocated, in memory, audit off"));
        Assert.InRange(bytes / count, 1, maxBytes);
    }

    // In memory everything completes on the calling thread, so the thread's counter sees it all.
    private static async Task<long> OnceAsync(TestVault vault, Operation operation, string? body)
    {
        var request = new VaultRequest
        {
            Id = "00000000-0000-0000-0000-000000000000",
            Operation = operation,
            Path = CanonicalPath.Of("secret/data/app"),
            Token = vault.RootToken,
            Data = body is null ? RequestData.Empty : new RequestData(Encoding.UTF8.GetBytes(body)),
        };
        long before = GC.GetAllocatedBytesForCurrentThread();
        VaultResponse response = await vault.Node.HandleAsync(request, CancellationToken.None);
        long after = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(200, response.Status);
        response.Wipe();
        return after - before;
    }

    private static async Task<TestVault> StartAsync(IStorage? storage)
    {
        TestVault vault = await TestVault.StartAsync(storage: storage);
        await vault.WriteAsync("sys/mounts/secret", """{"type":"kv","options":{"version":"2"}}""");
        return vault;
    }

    private sealed class CountingStorage : IStorage
    {
        private readonly InMemoryStorage _inner = new();
        private readonly List<string> _reads = [];
        private readonly Dictionary<string, int> _sizes = [];

        public int Writes { get; private set; }

        public int Commits { get; private set; }

        public void Reset()
        {
            _reads.Clear();
            (Writes, Commits) = (0, 0);
        }

        public int Reads(params string[] parts) => _reads.Count(k => parts.Any(p => k.Contains(p, StringComparison.Ordinal)));

        public int LargestValue(string part) => _sizes.Where(s => s.Key.Contains(part, StringComparison.Ordinal)).Max(s => s.Value);

        public ValueTask<StoredValue?> GetAsync(string key, CancellationToken cancellation)
        {
            _reads.Add(key);
            return _inner.GetAsync(key, cancellation);
        }

        public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, string after, int limit, CancellationToken cancellation) =>
            _inner.ListAsync(prefix, after, limit, cancellation);

        public ValueTask<CommitResult> CommitAsync(StorageBatch batch, CancellationToken cancellation)
        {
            if (batch.Writes.Count > 0)
                Commits++;
            Writes += batch.Writes.Count;
            foreach ((string key, byte[]? value) in batch.Writes)
                _sizes[key] = value?.Length ?? 0;
            return _inner.CommitAsync(batch, cancellation);
        }

        public IAsyncEnumerable<StorageChange> Changes(long from, CancellationToken cancellation) => _inner.Changes(from, cancellation);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
