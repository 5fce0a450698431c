using System.Globalization;
using System.Net;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Audit;
using Xunit;

namespace Candlefish.Secrets.Tests.Crash;

/// <summary>
/// F-1: the whole server is killed with SIGKILL at random times while clients write; after each restart every client checks
/// its model. CANDLEFISH_SERVER_CRASH_CYCLES sets the number of kills (25).
/// </summary>
public sealed class ServerCrashTests : IDisposable
{
    private const int Clients = 8;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Server_killedAtRandomTimes_losesNoAcknowledgedWriteAndNoAuditEntry()
    {
        int seed = Environment.TickCount;
        int cycles = int.Parse(Environment.GetEnvironmentVariable("CANDLEFISH_SERVER_CRASH_CYCLES") ?? "25", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        using var server = new CrashableServer(_directory.Path);
        await server.StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await server.PutAsync("sys/mounts/secret", """{"type":"kv","options":{"version":"2"}}""")).Status);
        CrashModel[] models = [.. Enumerable.Range(0, Clients).Select(i => new CrashModel(server, i, new Random(seed + i)))];
        var restarts = new List<double>();
        for (int cycle = 1; cycle <= cycles; cycle++)
        {
            using var stop = new CancellationTokenSource();
            Task[] work = [.. models.Select(m => m.WorkAsync(stop.Token))];
            await Task.WhenAny(Task.WhenAll(work), Task.Delay(random.Next(5, 700)));
            server.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(work);
            if (random.Next(5) == 0)
            {
                // One kill in five hits the start and the recovery.
                server.Launch();
                await Task.Delay(random.Next(0, 150));
                server.Kill();
            }
            restarts.Add((await server.StartAsync()).TotalMilliseconds);
            foreach (CrashModel model in models)
                await model.VerifyAsync($"seed {seed}, cycle {cycle}");
        }
        long acknowledged = models.Sum(m => m.Acknowledged);
        Assert.True(acknowledged > cycles, $"seed {seed}: only {acknowledged} writes were acknowledged: the test showed nothing");
        AssertTrail(server, acknowledged, seed);
        restarts.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {cycles} kills, {acknowledged} acknowledged writes, 0 lost; restart to serving median {restarts[restarts.Count / 2]:F0} ms, worst {restarts[^1]:F0} ms"));
    }

    private static void AssertTrail(CrashableServer server, long acknowledged, int seed)
    {
        string[] files = Directory.GetFiles(server.AuditDirectory);
        Assert.NotEmpty(files);
        long responses = 0;
        foreach (string file in files)
        {
            AuditVerifyResult verified = AuditVerifier.VerifyFile(file, new AuditVerifyOptions());
            Assert.True(verified.IsValid, $"seed {seed}: the trail is broken: {verified.Break}");
            responses += File.ReadLines(file).Count(l => l.Contains("\"type\":\"response\"", StringComparison.Ordinal));
        }
        Assert.True(responses >= acknowledged, $"seed {seed}: {acknowledged} writes were acknowledged, but the trail has {responses} responses");
    }
}
