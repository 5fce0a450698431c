using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Server;

/// <summary>Many clients that send without end, against the memory of the real process.</summary>
public sealed class FloodTests : IDisposable
{
    private const int Connections = 200;
    private const string Token = "hvs.flood";

    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData(false, 64)]
    [InlineData(true, 112)]
    public async Task Row100_endlessBodies_areRefused_andMemoryStaysBounded(bool isAuthenticated, int maxMebibytes)
    {
        using ServerProcess server = await ServerProcess.StartAsync(_directory.Path, "VAULT_TOKEN", "dev", "--listen", "127.0.0.1:0", "--root-token", Token);
        Uri address = server.AnnouncedAddress();
        using var http = new HttpClient { BaseAddress = address };
        for (int i = 0; i < 200; i++)
            await http.GetAsync(new Uri("v1/sys/health", UriKind.Relative), TestContext.Current.CancellationToken);
        long before = server.MemoryBytes("VmRSS");
        byte[] chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string('x', 0x10000) + "\r\n");
        string head = $"POST /v1/secret/data/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n{(isAuthenticated ? $"X-Vault-Token: {Token}\r\n" : "")}\r\n";

        int[] statuses = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => FloodAsync(address, head, chunk)));

        long growth = server.MemoryBytes("VmHWM") - before;
        TestContext.Current.SendDiagnosticMessage($"memory grew by {growth >> 20} MiB, {statuses.Count(s => s == 413)} refusals");
        // 0: it waited for its turn until it gave up.
        Assert.All(statuses, s => Assert.True(s is 413 or 0, $"status {s}"));
        Assert.Contains(413, statuses);
        Assert.True(growth >> 20 < maxMebibytes, $"memory grew by {growth >> 20} MiB");
        Assert.Equal(200, (int)(await http.GetAsync(new Uri("v1/sys/health", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    public void Dispose() => _directory.Dispose();

    // Sends until it is refused, at most for some seconds.
    private static async Task<int> FloodAsync(Uri server, string head, ReadOnlyMemory<byte> chunk)
    {
        using RawHttp raw = await RawHttp.ConnectAsync(server);
        Task<string> reading = raw.ReadAsync(TimeSpan.FromSeconds(1));
        try
        {
            await raw.SendAsync(head);
            for (int sent = 0; sent < 2_000 && !reading.IsCompleted; sent++)
            {
                Task sending = raw.SendAsync(chunk);
                if (await Task.WhenAny(sending, reading) == reading)
                    break;
            }
        }
        catch (IOException)
        {
            // The server closed the connection after its refusal, which is what was read.
            return RawHttp.StatusesOf(await reading).FirstOrDefault();
        }
        return RawHttp.StatusesOf(await reading).FirstOrDefault();
    }
}
