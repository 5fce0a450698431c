using System.Text;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Audit;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Audit;

public sealed class AuditVerifierTests
{
    [Fact]
    public void Trail_untouched_isValid()
    {
        using TrailBuilder trail = Small();
        AuditVerifyResult result = trail.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Equal(8, result.Entries);
        Assert.Equal(2, result.Checkpoints);
        Assert.Equal(1, result.EntriesAfterCheckpoint);
        Assert.Equal(trail.Chain.Head, result.Head);
        Assert.Equal(trail.Signer.KeyId, result.KeyId);
    }

    /// <summary>Every byte, the last line among them, two bits each: the verifier names the line of the flipped byte.</summary>
    [Fact]
    public void F7_every_flipped_byte_is_found_in_its_line()
    {
        using TrailBuilder trail = Small();
        byte[] bytes = trail.Bytes;
        int line = 1;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isFeed = bytes[i] == '\n';
            // Bit 5 turns lower case into upper case: the one flip that a lenient reader of hex would forgive.
            foreach (int bit in (int[])[i % 5, 5])
            {
                bytes[i] ^= (byte)(1 << bit);
                AuditVerifyResult result = TrailBuilder.Check(bytes);
                Assert.False(result.IsValid, $"byte {i}, bit {bit} of line {line}");
                Assert.True(result.Break?.Line == line, $"byte {i}, bit {bit} of line {line}: {result.Break}");
                bytes[i] ^= (byte)(1 << bit);
            }
            if (isFeed)
                line++;
        }
        Assert.True(TrailBuilder.Check(bytes).IsValid);
    }

    [Fact]
    public void Trail_with_lines_removed_doubled_or_swapped_names_the_place()
    {
        using TrailBuilder trail = Small();
        List<string> lines = [.. Encoding.UTF8.GetString(trail.Bytes).TrimEnd('\n').Split('\n')];
        for (int i = 0; i < lines.Count - 1; i++)
        {
            AuditBreak removed = Break([.. lines.Where((_, at) => at != i)]);
            Assert.Equal(i + 1, removed.Line);
            AuditBreak doubled = Break([.. lines.Take(i + 1), lines[i], .. lines.Skip(i + 1)]);
            Assert.Equal(i + 2, doubled.Line);
            List<string> swapped = [.. lines];
            (swapped[i], swapped[i + 1]) = (swapped[i + 1], swapped[i]);
            Assert.Equal(i + 1, Break(swapped).Line);
        }
    }

    [Fact]
    public void Trail_cut_anywhere_inside_a_line_is_found()
    {
        using TrailBuilder trail = Small();
        byte[] bytes = trail.Bytes;
        for (int length = 0; length < bytes.Length; length++)
        {
            if (length > 0 && bytes[length - 1] == '\n')
                continue;
            Assert.False(TrailBuilder.Check(bytes[..length]).IsValid, $"cut at {length}");
        }
    }

    [Fact]
    public void Trail_cut_between_lines_is_found_by_an_anchor_kept_elsewhere()
    {
        using TrailBuilder trail = Small();
        string[] lines = Encoding.UTF8.GetString(trail.Bytes).TrimEnd('\n').Split('\n');
        using var directory = new TemporaryDirectory();
        string anchor = directory["anchors"];
        File.WriteAllLines(anchor, lines.Where(l => l.Contains("\"checkpoint\":", StringComparison.Ordinal)));
        byte[] cut = Encoding.UTF8.GetBytes(string.Join('\n', lines.Take(5)) + "\n");

        Assert.True(TrailBuilder.Check(cut).IsValid);
        AuditVerifyResult result = TrailBuilder.Check(cut, new AuditVerifyOptions { AnchorFile = anchor });

        Assert.Equal(7, result.Break?.Sequence);
        Assert.True(trail.Verify(new AuditVerifyOptions { AnchorFile = anchor }).IsValid);
    }

    [Fact]
    public void Trail_rewritten_with_another_key_is_refused_when_the_key_is_given()
    {
        using TrailBuilder real = Small();
        using TrailBuilder forged = Small();
        Assert.True(forged.Verify().IsValid);
        AuditVerifyResult result = forged.Verify(new AuditVerifyOptions { PublicKey = real.Signer.PublicKey });
        Assert.Equal(1, result.Break?.Line);
    }

    [Fact]
    public void Torn_line_closed_off_by_the_next_is_a_remark()
    {
        using var trail = new TrailBuilder();
        string torn = "{\"time\":\"2026-01-01T00:0";
        trail.Start().Entry("a").Raw(torn + "\n");
        trail.Note(new ChainNote("continue", trail.Signer.PublicKey, torn.Length, ChainLine.HashOf(Encoding.UTF8.GetBytes(torn)), 0, 0, 0)).Checkpoint("resume").Entry("b");
        AuditVerifyResult result = trail.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Contains("closed off", Assert.Single(result.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Torn_line_that_nothing_closes_off_is_a_break()
    {
        using var trail = new TrailBuilder();
        trail.Start().Entry("a").Raw("{\"time\":\"2026-01-01T00:0\n").Entry("b");
        Assert.Equal(4, trail.Verify().Break?.Line);
    }

    [Fact]
    public void Lines_lost_on_the_way_are_a_remark_only_when_a_signed_note_declares_them()
    {
        using var declared = new TrailBuilder();
        declared.Start().Entry("a").Lose(3).Note(new ChainNote("continue", declared.Signer.PublicKey, 0, "", 3, 3, 0)).Checkpoint().Entry("b");
        AuditVerifyResult result = declared.Verify();
        Assert.True(result.IsValid, result.Break?.ToString());
        Assert.Equal(2, result.Remarks.Count);

        using var unsigned = new TrailBuilder();
        unsigned.Start().Entry("a").Lose(3).Note(new ChainNote("continue", unsigned.Signer.PublicKey, 0, "", 3, 3, 0)).Entry("b");
        Assert.False(unsigned.Verify().IsValid);

        using var silent = new TrailBuilder();
        Assert.Equal(4, silent.Start().Entry("a").Lose(3).Entry("b").Verify().Break?.Sequence);
    }

    [Fact]
    public void Rotated_files_continue_each_other_and_a_missing_one_is_found()
    {
        using TrailBuilder trail = Small();
        string[] lines = Encoding.UTF8.GetString(trail.Bytes).TrimEnd('\n').Split('\n');
        using var directory = new TemporaryDirectory();
        string[] names = ["audit.log.2", "audit.log.1", "audit.log"];
        for (int i = 0; i < 3; i++)
            File.WriteAllText(directory[names[i]], string.Concat(lines.Skip(i * 3).Take(3).Select(l => l + "\n")));

        AuditVerifyResult all = AuditVerifier.VerifyFiles([.. names.Select(n => directory[n])], new AuditVerifyOptions { FromGenesis = true });
        Assert.True(all.IsValid, all.Break?.ToString());
        Assert.Equal((8, 3), (all.Entries, all.Files));
        Assert.Equal("audit.log", AuditVerifier.VerifyFiles([directory[names[0]], directory[names[2]]], new AuditVerifyOptions()).Break?.File);
        Assert.False(AuditVerifier.VerifyFile(directory[names[1]], new AuditVerifyOptions { FromGenesis = true }).IsValid);
    }

    [Fact]
    public void Break_reads_as_the_place_and_both_values()
    {
        using TrailBuilder trail = Small();
        byte[] bytes = trail.Bytes;
        int at = Encoding.UTF8.GetString(bytes).IndexOf("secret/b", StringComparison.Ordinal);
        bytes[at] = (byte)'X';
        Assert.Matches("^break at seq 4 \\(expected [0-9a-f]{12}…, found [0-9a-f]{12}…\\): ", TrailBuilder.Check(bytes).Break?.ToString());
    }

    private static AuditBreak Break(IReadOnlyList<string> lines) =>
        TrailBuilder.Check(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")))).Break
        ?? throw new InvalidOperationException("the trail was taken for valid");

    private static TrailBuilder Small() =>
        new TrailBuilder().Start().Entry("secret/a").Entry("secret/b").Entry("secret/ü").Entry("secret/d").Checkpoint().Entry("secret/e");
}
