using System.Text;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Audit;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

public sealed class AuditVerifyTests : IDisposable
{
    private readonly CliRun _run = new();
    private readonly TrailBuilder _trail = new TrailBuilder().Start().Entry("secret/data/a").Entry("secret/data/b").Checkpoint();

    public void Dispose()
    {
        _trail.Dispose();
        _run.Dispose();
    }

    [Fact]
    public async Task Verify_intact_trail_with_its_key_is_0_and_says_how_much_was_checked()
    {
        Write(_trail.Bytes);
        Assert.Equal(0, await _run.RunAsync("audit", "verify", "audit.log", "--public-key", _trail.Signer.PublicKey));
        Assert.StartsWith("✓ 5 entries, 1 files, chain ok, head ", _run.Output, StringComparison.Ordinal);
        Assert.Equal("", _run.Error);
    }

    [Fact]
    public async Task Verify_flipped_byte_is_9_and_names_the_entry()
    {
        Write(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_trail.Bytes).Replace("secret/data/b", "secret/data/c", StringComparison.Ordinal)));
        Assert.Equal(9, await _run.RunAsync("audit", "verify", "--file", "audit.log"));
        Assert.StartsWith("✗ break at seq 4 ", _run.Output, StringComparison.Ordinal);
        Assert.Equal(9, await _run.RunAsync("audit", "verify", "--file", "audit.log", "-o", "json"));
        Assert.Equal("4", JsonNode.Parse(_run.Output)?["break"]?["sequence"]?.ToJsonString());
    }

    [Fact]
    public async Task Verify_with_another_key_is_9()
    {
        using var other = new TrailBuilder();
        Write(_trail.Bytes);
        Assert.Equal(9, await _run.RunAsync("audit", "verify", "audit.log", "--public-key", other.Signer.PublicKey));
    }

    [Fact]
    public async Task Verify_cut_end_is_found_by_an_anchor_kept_elsewhere()
    {
        var lines = Encoding.UTF8.GetString(_trail.Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await File.WriteAllTextAsync(Path.Combine(_run.Work, "anchor"), lines[^1] + "\n", TestContext.Current.CancellationToken);
        Write(Encoding.UTF8.GetBytes(string.Join('\n', lines[..^1]) + "\n"));
        Assert.Equal(0, await _run.RunAsync("audit", "verify", "audit.log"));
        Assert.Contains("not who wrote it", _run.Error, StringComparison.Ordinal);
        Assert.Equal(9, await _run.RunAsync("audit", "verify", "audit.log", "--anchor", "anchor"));
    }

    [Theory]
    [InlineData("audit verify")]
    [InlineData("audit verify none.log")]
    [InlineData("audit verify audit.log --public-key nonsense")]
    public async Task Verify_that_cannot_start_is_a_usage_error(string arguments)
    {
        Write(_trail.Bytes);
        Assert.Equal(1, await _run.RunAsync(arguments.Split(' ')));
    }

    private void Write(byte[] trail) => File.WriteAllBytes(Path.Combine(_run.Work, "audit.log"), trail);
}
