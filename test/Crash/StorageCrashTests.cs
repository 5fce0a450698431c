using System.Diagnostics;
using System.Globalization;
using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Storage;
using Xunit;

namespace Candlefish.Secrets.Tests.Crash;

/// <summary>
/// Kills a process that writes to an SQLite storage, at random moments and at each system call that writes or syncs, and
/// checks what is left. CANDLEFISH_CRASH_CYCLES sets the number of random kills (50). The calls are 1, 2, 3, 5, 8, 13 …, or
/// all of them with CANDLEFISH_CRASH_EVERY_POINT=1.
/// </summary>
public sealed class StorageCrashTests : IDisposable
{
    private const int Writers = 8;
    private const int KilledExitCode = 128 + 9;

    private readonly TemporaryDirectory _temporary = new();
    private readonly TemporaryDirectory _traces = new();

    private static bool IsEveryPoint => Environment.GetEnvironmentVariable("CANDLEFISH_CRASH_EVERY_POINT") == "1";

    public void Dispose()
    {
        _temporary.Dispose();
        _traces.Dispose();
    }

    [Fact]
    public async Task Storage_killed_at_random_times_keeps_every_acknowledged_batch_whole()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var acknowledged = new (long, long)[Writers];
        var total = 0L;
        for (var cycle = 1; cycle <= Setting("CANDLEFISH_CRASH_CYCLES", 50); cycle++)
        {
            using var victim = Start([], Writers, batches: 0);

            // One kill in five hits start and recovery, the others hit the writing.
            var isEarly = random.Next(5) == 0;
            var output = ReadAsync(victim, acknowledged, onReady: isEarly ? null : () => KillAfter(victim, random.Next(400)));
            if (isEarly)
            {
                KillAfter(victim, random.Next(400));
            }

            await output;
            await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
            await VerifyAsync(acknowledged, $"seed {seed}, cycle {cycle}");
            total = acknowledged.Sum(writer => writer.Item1);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {total} acknowledged batches survived");
        Assert.True(total > 0, "No batch was acknowledged before the kills: the test showed nothing.");
    }

    /// <summary>
    /// A scripted workload is killed when one of its threads enters its n-th call: while creating the storage, or while
    /// recovering what an earlier kill left, committing, and closing.
    /// </summary>
    [Theory]
    [InlineData("fsync,fdatasync", true)]
    [InlineData("fsync,fdatasync", false)]
    [InlineData("pwrite64", true)]
    [InlineData("pwrite64", false)]
    [InlineData("ftruncate,unlink,rename", true)]
    [InlineData("ftruncate,unlink,rename", false)]
    public async Task Storage_killed_at_a_call_that_changes_the_disk_keeps_every_acknowledged_batch(string calls, bool isNew)
    {
        SkipWithoutTracer();
        var (point, following) = (1, 2);
        while (await IsKilledAtAsync(calls, point, isNew))
        {
            (point, following) = (following, IsEveryPoint ? following + 1 : point + following);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{calls}: no thread makes {point} calls");
        Assert.True(point > 1, $"The workload makes no call of {calls}: the test showed nothing.");
    }

    [Fact]
    public async Task Storage_whose_sync_failed_acknowledges_nothing_more_and_never_syncs_again()
    {
        SkipWithoutTracer();
        const int FailingSync = 14;
        var trace = _traces["trace"];
        var acknowledged = new (long, long)[1];
        using var victim = Start(
            ["-f", "-qq", "-o", trace, "-e", "trace=fsync,fdatasync", "-e", $"inject=fsync,fdatasync:error=EIO:when={FailingSync}"], 1, 40);

        var lines = await ReadAsync(victim, acknowledged, null);
        await victim.WaitForExitAsync(TestContext.Current.CancellationToken);

        var text = string.Join('\n', lines);
        Assert.EndsWith("fault restart\nfault restart\nfault restart\nfault restart\nfault restart\nread ok\ndone", text, StringComparison.Ordinal);
        Assert.InRange(acknowledged[0].Item1, 1, FailingSync - 1);
        var syncs = (await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken)).Where(line => line.Contains("sync(")).ToArray();
        Assert.Contains("EIO", syncs[^1], StringComparison.Ordinal);
        await VerifyAsync(acknowledged, "after a failed sync");
    }

    [Fact]
    public async Task Storage_that_found_no_space_refuses_and_goes_on_when_there_is_some()
    {
        SkipWithoutTracer();
        var acknowledged = new (long, long)[1];
        using var victim = Start(
            ["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=60..62"], 1, 20);

        var lines = await ReadAsync(victim, acknowledged, null);
        await victim.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains("fault full", lines);
        Assert.DoesNotContain("fault restart", lines);
        Assert.DoesNotContain("fault other", lines);
        Assert.Equal(20, acknowledged[0].Item1);
        await VerifyAsync(acknowledged, "after no space");
    }

    [Fact]
    public async Task Storage_held_by_another_process_is_refused_by_name()
    {
        using var victim = Start([], 1, 0);
        StorageException? refusal = null;
        await ReadAsync(victim, new (long, long)[1], onReady: () =>
        {
            refusal = Assert.ThrowsAsync<StorageException>(async () => await SqliteStorage.OpenAsync(_temporary.Path, TestContext.Current.CancellationToken)).GetAwaiter().GetResult();
            victim.Kill();
        });

        Assert.Contains($"in use by process {victim.Id}", refusal?.Message, StringComparison.Ordinal);
    }

    /// <summary>Runs the workload to the given call. <see langword="false"/> when it ended before.</summary>
    private async Task<bool> IsKilledAtAsync(string calls, int point, bool isNew)
    {
        using var directory = new TemporaryDirectory();
        var acknowledged = new (long, long)[1];
        if (!isNew)
        {
            using var earlier = Start([], 1, batches: 0, directory.Path);
            await ReadAsync(earlier, acknowledged, onReady: () => KillAfter(earlier, 20));
        }

        using var victim = Start(
            ["-f", "-qq", "-o", "/dev/null", "-e", $"trace={calls}", "-e", $"inject={calls}:signal=KILL:when={point}"], 1, 12, directory.Path);
        var lines = await ReadAsync(victim, acknowledged, null);
        await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
        var isKilled = victim.ExitCode == KilledExitCode;
        Assert.True(isKilled || (victim.ExitCode == 0 && lines.Contains("done")), $"The workload ended with code {victim.ExitCode}.");
        await using var storage = await SqliteStorage.OpenAsync(directory.Path, TestContext.Current.CancellationToken);
        await StorageWorkload.VerifyAsync(storage, acknowledged, $"killed at {calls} number {point}, {(isNew ? "new" : "existing")} storage");
        return isKilled;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : otherwise;

    private static void SkipWithoutTracer() =>
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed: apt-get install strace.");

    private static void KillAfter(Process victim, int milliseconds) =>
        _ = Task.Delay(milliseconds).ContinueWith(_ => victim.Kill(), TaskScheduler.Default);

    /// <summary>Reads what the victim reports until its end, and notes the acknowledgements.</summary>
    private static async Task<List<string>> ReadAsync(Process victim, (long Number, long Sequence)[] acknowledged, Action? onReady)
    {
        var lines = new List<string>();
        while (await victim.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line == "ready")
            {
                onReady?.Invoke();
            }

            // A kill may cut the last line: only one with its end counts.
            if (line.Split(' ') is ["ack", var writer, var number, var sequence, "end"])
            {
                acknowledged[int.Parse(writer, CultureInfo.InvariantCulture)] =
                    (long.Parse(number, CultureInfo.InvariantCulture), long.Parse(sequence, CultureInfo.InvariantCulture));
            }
        }

        return lines;
    }

    private Process Start(string[] tracer, int writers, long batches, string? directory = null)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of the test executable is unknown.");
        string[] command = [self, StorageVictim.Name, directory ?? _temporary.Path, $"{writers}", $"{batches}"];
        if (tracer.Length > 0)
        {
            command = ["/usr/bin/strace", .. tracer, .. command];
        }

        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("The victim did not start.");
    }

    private async Task VerifyAsync((long, long)[] acknowledged, string context)
    {
        await using var storage = await SqliteStorage.OpenAsync(_temporary.Path, TestContext.Current.CancellationToken);
        await StorageWorkload.VerifyAsync(storage, acknowledged, context);
    }
}
