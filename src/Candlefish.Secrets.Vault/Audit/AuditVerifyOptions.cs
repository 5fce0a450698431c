namespace Candlefish.Secrets.Vault.Audit;

/// <summary>What a trail is checked against. Everything is optional; what is missing is taken from the trail itself.</summary>
public sealed record AuditVerifyOptions
{
    /// <summary>
    /// Key that checkpoints must be signed with: PEM, or base64 of the SubjectPublicKeyInfo as <c>sys/audit</c> shows it.
    /// Empty = the key that the trail names, which proves that it was not damaged, not who wrote it.
    /// </summary>
    public string PublicKey { get; init; } = "";

    /// <summary>
    /// Checkpoint lines that were kept elsewhere, one per line. Each must be found in the trail: this is what shows
    /// that the end of a trail was cut off. Empty = none.
    /// </summary>
    public string AnchorFile { get; init; } = "";

    /// <summary>The trail begins with the first line of its chain; a rotated-away beginning is then a break.</summary>
    public bool FromGenesis { get; init; }
}

/// <summary>What the verifier found.</summary>
public sealed record AuditVerifyResult
{
    public bool IsValid => Break is null;

    /// <summary>The first bad line; <see langword="null"/> when there is none.</summary>
    public AuditBreak? Break { get; init; }

    /// <summary>Lines that were checked, checkpoints and chain notes among them.</summary>
    public long Entries { get; init; }

    public int Files { get; init; }

    public int Checkpoints { get; init; }

    /// <summary>Lines after the last checkpoint: their order and content are checked, but nothing signs them yet.</summary>
    public long EntriesAfterCheckpoint { get; init; }

    public DateTimeOffset? LastCheckpoint { get; init; }

    public long FirstSequence { get; init; }

    public long LastSequence { get; init; }

    /// <summary>Hash of the last good line, hex; empty when there is none.</summary>
    public string Head { get; init; } = "";

    /// <summary>Id of the key that signed; empty when nothing is signed.</summary>
    public string KeyId { get; init; } = "";

    /// <summary>The key was given by the caller, not taken from the trail.</summary>
    public bool IsKeyGiven { get; init; }

    /// <summary>Things to know that are no break: a torn line that was closed off, entries that a device says it lost.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>The first line that does not hold.</summary>
/// <param name="Line">Number within the file, from 1.</param>
/// <param name="Sequence">Sequence number that the line should have; 0 when unknown.</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Expected">What should be there, when there is one such thing.</param>
/// <param name="Found">What is there.</param>
public sealed record AuditBreak(string File, long Line, long Sequence, string Reason, string Expected = "", string Found = "")
{
    /// <summary>For example <c>break at seq 88120 (expected 5a…, found 77…): …</c>.</summary>
    public override string ToString()
    {
        string at = Sequence > 0 ? $"break at seq {Sequence}" : $"break at line {Line}";
        string difference = Expected.Length > 0 ? $" (expected {Expected}, found {Found})" : "";
        return $"{at}{difference}: {Reason} [{File}, line {Line}]";
    }
}
