using System.Text;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Contract;

/// <summary>
/// What every <see cref="IAuditDevice"/> promises. Derive it, open the device in <see cref="OpenAsync"/>, and answer in
/// <see cref="ReceivedAsync"/> the lines that arrived at its other end.
/// </summary>
public abstract class AuditDeviceContract : IAsyncLifetime
{
    private IAuditDevice? _device;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected IAuditDevice Device => _device ?? throw new InvalidOperationException("The test has not started.");

    /// <summary>Options that open the device.</summary>
    protected abstract Dictionary<string, string> Options { get; }

    protected abstract ValueTask<IAuditDevice> OpenAsync(IReadOnlyDictionary<string, string> options);

    /// <summary>The lines that arrived, without line feeds; waits until there are <paramref name="count"/>.</summary>
    protected abstract Task<IReadOnlyList<string>> ReceivedAsync(int count);

    /// <summary>Takes away what receives the lines; the device must notice.</summary>
    protected abstract void Break();

    public virtual async ValueTask InitializeAsync() => _device = await OpenAsync(Options);

    public virtual async ValueTask DisposeAsync()
    {
        await Device.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Lines_arrive_whole_and_in_order()
    {
        await WriteAsync("{\"a\":1}", "{\"b\":\"ü\"}");
        await WriteAsync("{\"c\":3}");
        Assert.Equal(["{\"a\":1}", "{\"b\":\"ü\"}", "{\"c\":3}"], await ReceivedAsync(3));
    }

    [Fact]
    public async Task Long_line_within_the_limit_arrives_whole()
    {
        string line = "{\"a\":\"" + new string('x', Math.Min(Device.MaxLineBytes, 1_000_000) - 200) + "\"}";
        await WriteAsync(line);
        Assert.Equal(line, Assert.Single(await ReceivedAsync(1)));
    }

    [Fact]
    public async Task Many_lines_in_one_write_arrive()
    {
        string[] lines = [.. Enumerable.Range(0, 100).Select(i => $"{{\"i\":{i}}}")];
        await WriteAsync(lines);
        Assert.Equal(lines, await ReceivedAsync(100));
    }

    [Fact]
    public async Task Reopened_device_goes_on()
    {
        await WriteAsync("1");
        await ReceivedAsync(1);
        await Device.ReopenAsync(Cancellation);
        await WriteAsync("2");
        Assert.Equal(["1", "2"], await ReceivedAsync(2));
    }

    [Fact]
    public async Task Broken_device_throws_instead_of_losing_lines_in_silence()
    {
        await WriteAsync("1");
        await ReceivedAsync(1);
        Break();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                await WriteAsync("2");
                await Task.Delay(10, Cancellation);
            }
        });
    }

    [Fact]
    public async Task Unknown_option_is_refused_by_name()
    {
        var refused = await Assert.ThrowsAsync<RequestRefused>(async () => await OpenAsync(new Dictionary<string, string>(Options) { ["colour"] = "blue-value" }));
        Assert.Equal(400, refused.Status);
        Assert.Contains("'colour'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("blue-value", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_target_is_refused_or_fails_at_open() =>
        await Assert.ThrowsAnyAsync<Exception>(async () => await OpenAsync(Options.ToDictionary(o => o.Key, o => o.Value.StartsWith('/') ? "/nowhere/at/all" : "127.0.0.1:1")));

    private ValueTask WriteAsync(params string[] lines) =>
        Device.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))), Cancellation);
}
