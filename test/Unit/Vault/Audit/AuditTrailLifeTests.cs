using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Audit;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Audit;

/// <summary>A trail over seal, death, rotation and tampering.</summary>
public sealed class AuditTrailLifeTests
{
    [Fact]
    public async Task Seal_and_unseal_continue_one_chain_and_tell_of_the_attempts_in_between()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        Assert.Equal(204, (await audited.Vault.WriteAsync("sys/seal")).Status);
        await WaitForSealAsync(audited);
        await audited.Vault.WriteAsync("sys/unseal", $$"""{"key":"{{Convert.ToHexStringLower([.. new byte[32], 9])}}"}""");
        await audited.Vault.WriteAsync("sys/unseal", $$"""{"key":"{{Convert.ToHexStringLower(audited.Vault.Shares[0])}}"}""");
        await audited.Vault.UnsealAsync();
        await audited.Vault.ReadAsync("secret/data/a");

        AuditVerifyResult result = audited.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Empty(result.Remarks);
        JsonElement[] events = [.. audited.Lines().Where(l => l.GetProperty("type").GetString() == "event").Select(l => l.GetProperty("event"))];
        Assert.Contains(events, e => e.GetProperty("kind").GetString() == "seal");
        JsonElement unseal = events.Last(e => e.GetProperty("kind").GetString() == "unseal");
        JsonElement[] attempts = [.. unseal.GetProperty("attempts").EnumerateArray()];
        Assert.Equal(2, attempts.Length);
        Assert.Equal(["sys/unseal", "sys/unseal"], attempts.Select(a => a.GetProperty("path").GetString()));
        Assert.Contains("Unseal failed", attempts[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(audited.Vault.Shares[0]), audited.Text(), StringComparison.Ordinal);
        Assert.Single(audited.Lines().Select(l => l.GetProperty("chain").GetString()).Distinct());
    }

    [Fact]
    public async Task Init_and_unseal_attempts_on_an_unsealed_vault_are_recorded_at_once()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        Assert.Equal(400, (await audited.Vault.WriteAsync("sys/init", """{"secret_shares":1,"secret_threshold":1}""")).Status);
        JsonElement attempt = audited.Lines()[^1].GetProperty("event").GetProperty("attempt");
        Assert.Equal("sys/init", attempt.GetProperty("path").GetString());
        Assert.Equal(400, attempt.GetProperty("status").GetInt32());
    }

    /// <summary>The death of the process at any byte of the file: the chain goes on and verifies, the torn line is told of.</summary>
    [Fact]
    public async Task Trail_cut_at_any_byte_by_a_crash_is_taken_up_again()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.ReadAsync("secret/data/a");
        await audited.Vault.Node.SealAsync();
        byte[] whole = File.ReadAllBytes(audited.File);
        int lastLine = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (int cut = lastLine; cut < whole.Length; cut += 37)
        {
            File.WriteAllBytes(audited.File, whole[..cut]);
            await audited.Vault.UnsealAsync();
            Assert.Equal(404, (await audited.Vault.ReadAsync("secret/data/a")).Status);
            await audited.Vault.Node.SealAsync();
            AuditVerifyResult result = audited.Verify();
            Assert.True(result.IsValid, $"cut at {cut}: {result.Break}");
            // The vault noted at seal how far the chain had come: the lost line is told of.
            Assert.Contains(result.Remarks, r => r.Contains("missing", StringComparison.Ordinal) || r.Contains("new chain", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Torn_line_after_the_noted_end_is_closed_off_without_a_missing_entry()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.Node.SealAsync();
        File.AppendAllText(audited.File, "{\"time\":\"2026-01-01T00:00:00.0000000Z\",\"type\":\"respo");
        await audited.Vault.UnsealAsync();
        Assert.Equal(404, (await audited.Vault.ReadAsync("secret/data/a")).Status);
        AuditVerifyResult result = audited.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Contains("closed off", Assert.Single(result.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trail_cut_while_sealed_is_noticed_at_unseal()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        for (int i = 0; i < 5; i++)
            await audited.Vault.ReadAsync("secret/data/a");
        await audited.Vault.Node.SealAsync();
        string[] lines = File.ReadAllLines(audited.File);
        File.WriteAllText(audited.File, string.Concat(lines.SkipLast(4).Select(l => l + "\n")));
        await audited.Vault.UnsealAsync();
        AuditVerifyResult result = audited.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Contains("missing", Assert.Single(result.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotation_by_rename_and_reopen_gives_files_that_continue_each_other()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        for (int rotation = 1; rotation <= 3; rotation++)
        {
            await audited.Vault.ReadAsync("secret/data/a");
            File.Move(audited.File, audited.File + "." + rotation);
            await audited.Vault.ReadAsync("secret/data/b");
            audited.Vault.Node.ReopenAudit();
            await audited.Vault.ReadAsync("secret/data/c");
        }
        AuditVerifyResult result = AuditVerifier.VerifyFiles(
            [audited.File + ".1", audited.File + ".2", audited.File + ".3", audited.File],
            new AuditVerifyOptions { FromGenesis = true });
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Empty(result.Remarks);
        Assert.Contains("secret/data/b", File.ReadAllText(audited.File + ".2"), StringComparison.Ordinal);
        Assert.EndsWith("\"}", File.ReadAllText(audited.File + ".1").TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"reopen\"", File.ReadLines(audited.File + ".1").Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleted_file_is_noticed_and_begun_anew_with_a_note()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        File.Delete(audited.File);
        Assert.Equal(404, (await audited.Vault.ReadAsync("secret/data/a")).Status);
        AuditVerifyResult result = audited.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Contains("missing", Assert.Single(result.Remarks), StringComparison.Ordinal);
        Assert.Single(audited.Responses("secret/data/a"));
    }

    [Fact]
    public async Task Checkpoint_is_written_after_a_thousand_lines_after_a_minute_and_as_a_heartbeat()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        long Checkpoints(string reason) => audited.Lines().Count(l => l.TryGetProperty("checkpoint", out JsonElement c) && c.GetProperty("reason").GetString() == reason);
        for (int i = 0; i < 1_001; i++)
            await audited.Vault.ReadAsync("secret/data/a");
        Assert.Equal(1, Checkpoints("interval"));
        audited.Vault.Time.Advance(TimeSpan.FromSeconds(61));
        await EventuallyAsync(() => Checkpoints("interval") == 2);
        audited.Vault.Time.Advance(TimeSpan.FromMinutes(11));
        await EventuallyAsync(() => Checkpoints("heartbeat") >= 1);
        Assert.True(audited.Verify().IsValid);
    }

    [Fact]
    public async Task AuditList_shows_path_type_options_and_the_key_that_verifies()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        TestResponse list = await audited.Vault.ReadAsync("sys/audit");
        JsonElement device = list.Data.GetProperty("file/");
        Assert.Equal("file", device.GetProperty("type").GetString());
        Assert.Equal(audited.File, device.GetProperty("options").GetProperty("file_path").GetString());
        Assert.Equal("file/", list.Json.GetProperty("file/").GetProperty("path").GetString());
        string key = device.GetProperty("public_key").GetString() ?? "";
        AuditVerifyResult result = AuditVerifier.VerifyFile(audited.File, new AuditVerifyOptions { PublicKey = key });
        Assert.True(result is { IsValid: true, IsKeyGiven: true });
        foreach (string path in new[] { "sys/audit", "sys/config/auditing/request-headers" })
            Assert.Equal(403, (await audited.Vault.ReadAsync(path, "")).Status);
    }

    [Fact]
    public async Task Disable_ends_the_trail_signed_and_enable_begins_a_new_chain_in_the_same_file()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        Assert.Equal(204, (await audited.Vault.DeleteAsync("sys/audit/file")).Status);
        Assert.Equal("checkpoint", audited.Lines()[^1].GetProperty("type").GetString());
        int lines = audited.Lines().Count;
        await audited.Vault.ReadAsync("secret/data/a");
        Assert.Equal(lines, audited.Lines().Count);
        Assert.Equal(204, (await audited.Vault.WriteAsync("sys/audit/again", $$$"""{"type":"file","options":{"path":"{{{audited.File}}}"}}""")).Status);
        Assert.Equal("again/", Assert.Single((await audited.Vault.ReadAsync("sys/audit")).Data.EnumerateObject()).Name);
        AuditVerifyResult result = audited.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Contains("a new chain begins", Assert.Single(result.Remarks), StringComparison.Ordinal);
        Assert.Equal(400, (await audited.Vault.WriteAsync("sys/audit/again", $$$"""{"type":"file","options":{"path":"{{{audited.File}}}"}}""")).Status);
        Assert.Equal(204, (await audited.Vault.DeleteAsync("sys/audit/nothing")).Status);
    }

    [Fact]
    public async Task Restart_of_the_process_finds_the_devices_and_continues()
    {
        await using AuditedVault audited = await AuditedVault.StartAsync();
        await audited.Vault.Node.SealAsync();
        await audited.Vault.UnsealAsync();
        Assert.Equal("file/", Assert.Single((await audited.Vault.ReadAsync("sys/audit")).Data.EnumerateObject()).Name);
        Assert.True(audited.Verify().IsValid);
        Assert.Equal(Enumerable.Range(1, audited.Lines().Count), audited.Lines().Select(l => l.GetProperty("seq").GetInt32()));
    }

    private static async Task WaitForSealAsync(AuditedVault audited)
    {
        await EventuallyAsync(() => audited.Vault.Node.IsSealed && File.ReadAllText(audited.File).Contains("\"reason\":\"close\"", StringComparison.Ordinal));
        await audited.Vault.Node.SealAsync();
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        for (int i = 0; i < 200 && !condition(); i++)
            await Task.Delay(25, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }
}
