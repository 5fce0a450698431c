using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Audit;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Audit;

/// <summary>F-16: devices that fail or block.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class AuditFailureTests
{
    [Fact]
    public async Task Only_device_that_fails_means_500_and_nothing_changes_until_it_works_again()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        File.SetUnixFileMode(audited.File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        File.Delete(audited.File);
        File.WriteAllText(audited.File, "");
        File.SetUnixFileMode(audited.File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        TestResponse refused = await audited.Vault.WriteAsync("secret/data/a", """{"data":{"x":"1"}}""");
        Assert.Equal(500, refused.Status);
        Assert.Contains("could not be audited", refused.Error, StringComparison.Ordinal);
        Assert.Equal(500, (await audited.Vault.ReadAsync("secret/data/a")).Status);
        Assert.Equal(500, (await audited.Vault.WriteAsync("sys/init")).Status);

        File.SetUnixFileMode(audited.File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(404, (await audited.Vault.ReadAsync("secret/data/a")).Status);
        AuditVerifyResult result = audited.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Contains(result.Remarks, r => r.Contains("did not take", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Second_device_that_fails_does_not_stop_answers_and_is_used_again_when_it_works()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        using var collector = new Collector();
        TestResponse enabled = await EnableSocketAsync(audited, collector.Address);
        Assert.True(enabled.Status == 204, enabled.Text);
        await audited.Vault.ReadAsync("secret/data/a");
        collector.Stop();
        for (int i = 0; i < 10; i++)
            Assert.Equal(404, (await audited.Vault.ReadAsync("secret/data/b")).Status);
        Assert.Equal(10, audited.Responses("secret/data/b").Count);

        collector.Start();
        await audited.Vault.ReadAsync("secret/data/c");
        await EventuallyAsync(() => collector.Text.Contains("secret/data/c", StringComparison.Ordinal));
        using var received = new MemoryStream(collector.Bytes);
        AuditVerifyResult result = AuditVerifier.Verify(received, "collector", new AuditVerifyOptions());
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Contains(result.Remarks, r => r.Contains("did not take", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restarted_collector_gets_every_entry_even_as_the_only_device()
    {
        await using TestVault vault = await TestVault.StartAsync();
        using var collector = new Collector();
        await vault.WriteAsync("sys/audit/socket", $$$"""{"type":"socket","options":{"address":"{{{collector.Address}}}"}}""");
        Assert.Equal(200, (await vault.ReadAsync("sys/key-status")).Status);
        collector.Stop();
        collector.Start();
        Assert.Equal(200, (await vault.ReadAsync("sys/policies/acl/default")).Status);
        await EventuallyAsync(() => collector.Text.Contains("sys/policies/acl/default", StringComparison.Ordinal));
        using var received = new MemoryStream(collector.Bytes);
        Assert.True(AuditVerifier.Verify(received, "collector", new AuditVerifyOptions()).IsValid);
    }

    /// <summary>The collector accepts and never reads: once its window is full, a write blocks.</summary>
    [Fact]
    public async Task Second_device_that_blocks_holds_requests_no_longer_than_the_deadline()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        using var collector = new Collector(reads: false);
        TestResponse enabled = await EnableSocketAsync(audited, collector.Address);
        Assert.True(enabled.Status == 204, enabled.Text);
        using var clock = new ClockPump(audited.Vault.Time);
        string big = JsonSerializer.Serialize(new { data = Enumerable.Range(0, 3_000).ToDictionary(i => "key" + i, i => "value" + i) });
        int answers = 0;
        int slow = 0;
        for (int i = 0; i < 60; i++)
        {
            long started = Stopwatch.GetTimestamp();
            Assert.Equal(200, (await audited.Vault.WriteAsync("secret/data/big", big)).Status);
            answers++;
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            Assert.True(took < TimeSpan.FromSeconds(8), $"a request took {took}");
            slow += took > TimeSpan.FromSeconds(1.5) ? 1 : 0;
        }
        Assert.Equal(answers, audited.Responses("secret/data/big").Count);
        Assert.Equal(answers, audited.OfType("request", "secret/data/big").Count);
        Assert.InRange(slow, 1, 2);
        Assert.True(audited.Verify().IsValid);
    }

    [Fact]
    public async Task Only_device_that_blocks_ends_in_500_within_the_deadline_and_then_at_once()
    {
        await using TestVault vault = await TestVault.StartAsync();
        using var collector = new Collector(reads: false);
        await vault.WriteAsync("sys/mounts/v1", """{"type":"kv"}""");
        Assert.Equal(204, (await vault.WriteAsync("sys/audit/socket", $$$"""{"type":"socket","options":{"address":"{{{collector.Address}}}"}}""")).Status);
        using var clock = new ClockPump(vault.Time);
        string big = JsonSerializer.Serialize(Enumerable.Range(0, 3_000).ToDictionary(i => "key" + i, i => "value" + i));
        int refused = 0;
        for (int i = 0; i < 60 && refused == 0; i++)
        {
            long started = Stopwatch.GetTimestamp();
            int status = (await vault.WriteAsync("v1/big", big)).Status;
            Assert.True(status is 204 or 500);
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(8));
            refused += status == 500 ? 1 : 0;
        }
        Assert.Equal(1, refused);
    }

    [Fact]
    public async Task Full_disk_refuses_without_an_unaudited_answer_and_recovers_when_there_is_space()
    {
        string mount = Path.Combine(Path.GetTempPath(), "candlefish-full-" + Environment.ProcessId);
        Assert.SkipUnless(Environment.UserName == "root", "needs root to mount a small tmpfs");
        Directory.CreateDirectory(mount);
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", mount) == 0, "mounting a tmpfs is not allowed here");
        try
        {
            await using TestVault vault = await TestVault.StartAsync(new VaultOptions { AuditDirectory = mount });
            int answers = 0, refusals = 0;
            for (int i = 0; i < 600; i++)
            {
                int status = (await vault.ReadAsync("sys/key-status")).Status;
                Assert.True(status is 200 or 500);
                _ = status == 200 ? answers++ : refusals++;
            }
            Assert.True(refusals > 0 && answers > 0, $"{answers} answers, {refusals} refusals");
            string trail = Path.Combine(mount, "audit.log");
            Assert.True(File.ReadAllText(trail).Split("\"path\":\"sys/key-status\"").Length - 1 >= answers);

            Assert.Equal(0, Run("mount", "-o", "remount,size=2m", mount));
            Assert.Equal(200, (await vault.ReadAsync("sys/key-status")).Status);
            AuditVerifyResult result = AuditVerifier.VerifyFile(trail, new AuditVerifyOptions { FromGenesis = true });
            Assert.True(result.IsValid, result.Break?.ToString());
        }
        finally
        {
            Run("umount", mount);
            Directory.Delete(mount);
        }
    }

    [Fact]
    public async Task Answers_under_load_all_have_an_entry_and_share_writes()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.WriteAsync("secret/data/a", """{"data":{"x":"1"}}""");
        int answers = 0;
        await Parallel.ForAsync(0, 5_000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) =>
        {
            if ((await audited.Vault.ReadAsync("secret/data/a")).Status == 200)
                Interlocked.Increment(ref answers);
        });
        Assert.Equal(5_000, answers);
        Assert.Equal(answers, audited.Responses("secret/data/a").Count(l => l.GetProperty("request").GetProperty("operation").GetString() == "read"));
        Assert.True(audited.Verify().IsValid);
    }

    private static Task<TestResponse> EnableSocketAsync(AuditedVault audited, string address) =>
        audited.Vault.WriteAsync("sys/audit/socket", $$$"""{"type":"socket","options":{"address":"{{{address}}}"}}""");

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        for (int i = 0; i < 200 && !condition(); i++)
            await Task.Delay(25, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true }) ?? throw new InvalidOperationException(program);
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Moves a manual clock as time goes by.</summary>
    private sealed class ClockPump : IDisposable
    {
        private readonly Timer _timer;

        public ClockPump(ManualTimeProvider time) => _timer = new Timer(_ => time.Advance(TimeSpan.FromMilliseconds(100)), null, 100, 100);

        public void Dispose() => _timer.Dispose();
    }

    /// <summary>A TCP collector on loopback.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly bool _reads;
        private readonly MemoryStream _received = new();
        private readonly List<Socket> _clients = [];
        private Socket _listener;
        private readonly IPEndPoint _end;

        public Collector(bool reads = true)
        {
            _reads = reads;
            _listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
            _end = (IPEndPoint)(_listener.LocalEndPoint ?? throw new InvalidOperationException("not bound"));
        }

        public string Address => _end.ToString();

        public byte[] Bytes
        {
            get
            {
                lock (_received)
                    return _received.ToArray();
            }
        }

        public string Text => System.Text.Encoding.UTF8.GetString(Bytes);

        public void Start() => _listener = Listen(_end);

        public void Stop()
        {
            _listener.Dispose();
            lock (_clients)
            {
                foreach (Socket client in _clients)
                    client.Dispose();
                _clients.Clear();
            }
        }

        public void Dispose() => Stop();

        private Socket Listen(IPEndPoint end)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.ReceiveBufferSize = 8_192;
            listener.Bind(end);
            listener.Listen();
            _ = AcceptAsync(listener);
            return listener;
        }

        private async Task AcceptAsync(Socket listener)
        {
            try
            {
                while (true)
                {
                    Socket client = await listener.AcceptAsync();
                    lock (_clients)
                        _clients.Add(client);
                    if (_reads)
                        _ = ReadAsync(client);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Stopped.
                return;
            }
        }

        private async Task ReadAsync(Socket client)
        {
            byte[] buffer = new byte[65_536];
            try
            {
                while (await client.ReceiveAsync(buffer) is > 0 and var read)
                {
                    lock (_received)
                        _received.Write(buffer, 0, read);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Stopped.
                return;
            }
        }
    }
}
