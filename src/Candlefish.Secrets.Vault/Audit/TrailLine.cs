using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>What a line of the trail is, as far as the verifier must know.</summary>
internal enum TrailLineKind
{
    /// <summary>A request, a response or an event of the node.</summary>
    Entry,

    /// <summary>A note about the chain itself: it began, or was taken up again.</summary>
    Chain,

    /// <summary>A signed line.</summary>
    Checkpoint,
}

/// <summary>What a chain line says about the place where it stands.</summary>
/// <param name="Kind"><c>start</c> or <c>continue</c>.</param>
/// <param name="PublicKey">Key of the checkpoints that follow, base64.</param>
/// <param name="TornBytes">Length of a torn line right before; 0 = none.</param>
/// <param name="TornHash">SHA-256 of it, hex.</param>
/// <param name="Lost">Entries that the device did not take.</param>
/// <param name="Skipped">Sequence numbers that may be missing right before.</param>
/// <param name="Missing">Sequence number up to which the vault knows that entries are missing; 0 = none.</param>
internal sealed record ChainNote(string Kind, string PublicKey, long TornBytes, string TornHash, long Lost, long Skipped, long Missing);

/// <summary>Reads the JSON of a line.</summary>
internal static class TrailLine
{
    public static ReadOnlySpan<byte> TypeChain => "chain"u8;

    /// <summary>Checks that the line is one JSON object that begins with time and type, and tells its kind.</summary>
    /// <returns>What is wrong; <see langword="null"/> when nothing is.</returns>
    public static string? KindOf(ReadOnlySpan<byte> line, out TrailLineKind kind, out DateTimeOffset time)
    {
        kind = TrailLineKind.Entry;
        time = default;
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return "the line is not a JSON object";
            if (!reader.Read() || !reader.ValueTextEquals("time"u8) || !reader.Read() || reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out time))
                return "the line does not begin with its time";
            if (!reader.Read() || !reader.ValueTextEquals("type"u8) || !reader.Read() || reader.TokenType != JsonTokenType.String)
                return "the line has no type";
            if (reader.ValueTextEquals(ChainLine.TypeCheckpoint))
                kind = TrailLineKind.Checkpoint;
            else if (reader.ValueTextEquals(TypeChain))
                kind = TrailLineKind.Chain;
            else if (!reader.ValueTextEquals("request"u8) && !reader.ValueTextEquals("response"u8) && !reader.ValueTextEquals("event"u8))
                return "the line has an unknown type";
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException)
        {
            return "the line is not valid JSON";
        }
    }

    /// <summary>Reads the <c>note</c> of a chain line; <see langword="null"/> when it has none.</summary>
    public static ChainNote? NoteOf(ReadOnlySpan<byte> line)
    {
        using JsonDocument document = JsonDocument.Parse(line.ToArray());
        if (!document.RootElement.TryGetProperty("note", out JsonElement note) || note.ValueKind != JsonValueKind.Object)
            return null;
        return new ChainNote(
            Text(note, "kind"),
            Text(note, "public_key"),
            Number(note, "torn_bytes"),
            Text(note, "torn_sha256"),
            Number(note, "lost"),
            Number(note, "skipped"),
            Number(note, "missing_until"));
    }

    public static void Write(AuditBuffer buffer, DateTimeOffset time, ChainNote note)
    {
        buffer.Append("{\"time\":"u8);
        buffer.AppendTime(time);
        buffer.Append(",\"type\":\"chain\",\"note\":{\"kind\":"u8);
        buffer.AppendString(note.Kind);
        buffer.Append(",\"version\":1"u8);
        buffer.AppendName("public_key");
        buffer.AppendString(note.PublicKey);
        if (note.TornBytes > 0)
        {
            WriteNumber(buffer, "torn_bytes", note.TornBytes);
            buffer.AppendName("torn_sha256");
            buffer.AppendString(note.TornHash);
        }
        WriteNumber(buffer, "lost", note.Lost);
        WriteNumber(buffer, "skipped", note.Skipped);
        WriteNumber(buffer, "missing_until", note.Missing);
        buffer.Append((byte)'}');
    }

    public static void WriteCheckpoint(AuditBuffer buffer, DateTimeOffset time, string reason, AuditSigner signer)
    {
        buffer.Append("{\"time\":"u8);
        buffer.AppendTime(time);
        buffer.Append(",\"type\":\"checkpoint\",\"checkpoint\":{\"reason\":"u8);
        buffer.AppendString(reason);
        buffer.AppendName("key_id");
        buffer.AppendString(signer.KeyId);
        buffer.AppendName("public_key");
        buffer.AppendString(signer.PublicKey);
        buffer.Append((byte)'}');
    }

    /// <summary>True when <paramref name="signature"/> (hex) is one of <paramref name="key"/> over the hash (hex).</summary>
    public static bool IsSigned(ECDsa key, string hash, string signature) => key.VerifyData(
        AuditSigner.MessageOf(Convert.FromHexString(hash)),
        Convert.FromHexString(signature),
        HashAlgorithmName.SHA256,
        DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    private static void WriteNumber(AuditBuffer buffer, string name, long value)
    {
        if (value == 0)
            return;
        buffer.AppendName(name);
        buffer.Append(value);
    }

    private static string Text(JsonElement note, string name) =>
        note.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private static long Number(JsonElement note, string name) =>
        note.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : 0;
}
