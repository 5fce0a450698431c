using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>
/// The layout of a line of the trail: what ties it to the line before. One definition for writer, resumption and verifier.
/// </summary>
/// <remarks>
/// <code>
/// {"time":"…","type":"…",…,"chain":"UUID","seq":N,"prev":"HEX64","hash":"HEX64"}
/// {"time":"…","type":"checkpoint",…,"chain":"UUID","seq":N,"prev":"HEX64","hash":"HEX64","signature":"HEX128"}
/// </code>
/// <para><c>hash</c> is SHA-256 over the bytes of the line before <c>,"hash":</c>. <c>prev</c> is the <c>hash</c> of the
/// line before, 64 zeros for the first of a chain. <c>seq</c> begins with 1 and has no gaps. <c>signature</c> is ECDSA
/// P-256 with SHA-256 (IEEE P1363, 64 bytes) over <see cref="SignatureDomain"/> and the 32 bytes of <c>hash</c>.
/// Hex is lower case; every byte of a line is checked, there is one spelling only.</para>
/// </remarks>
internal readonly struct ChainLine
{
    public const int HexBytes = 64;
    public const int SignatureHexBytes = 128;
    private const int ChainIdBytes = 36;

    /// <summary>Most bytes that closing an entry adds.</summary>
    public const int MaxSuffixBytes = 300;

    /// <summary>Longest line that is read back.</summary>
    public const int MaxBytes = 256 << 20;

    public required string Chain { get; init; }

    public required long Sequence { get; init; }

    /// <summary>Lower-case hex of the line before.</summary>
    public required string Previous { get; init; }

    /// <summary>The hash that the line states.</summary>
    public required string Hash { get; init; }

    /// <summary>Hex of the signature; empty unless this is a checkpoint.</summary>
    public required string Signature { get; init; }

    /// <summary>Bytes that <see cref="Hash"/> is computed over.</summary>
    public required int HashedBytes { get; init; }

    public static readonly string Zeros = new('0', HexBytes);

    /// <summary>Precedes the hash in what a checkpoint signs.</summary>
    public static ReadOnlySpan<byte> SignatureDomain => "candlefish audit checkpoint v1\0"u8;

    public static ReadOnlySpan<byte> TypeCheckpoint => "checkpoint"u8;

    /// <summary>Completes the entry that ends the buffer (an open object without its last brace); the new head is left in <paramref name="head"/>.</summary>
    /// <param name="head">64 bytes of hex: the hash of the line before, then of this one.</param>
    public static void Close(AuditBuffer buffer, int lineStart, ReadOnlySpan<byte> chain, long sequence, Span<byte> head)
    {
        buffer.Append(ChainMember);
        buffer.Append(chain);
        buffer.Append(SequenceMember);
        buffer.Append(sequence);
        buffer.Append(PreviousMember);
        buffer.Append(head);
        buffer.Append((byte)'"');
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(buffer.Written[lineStart..], hash);
        Convert.TryToHexStringLower(hash, head, out _);
        buffer.Append(HashMember);
        buffer.Append(head);
        buffer.Append((byte)'"');
    }

    /// <summary>Reads the chain members of a line (without its line feed); false when it does not have this layout.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out ChainLine? parsed)
    {
        parsed = null;
        ReadOnlySpan<byte> rest = line;
        if (!CutEnd(ref rest, "\"}"u8))
            return false;
        string signature = "";
        if (rest.Length > SignatureHexBytes && EndsWith(rest[..^SignatureHexBytes], SignatureMember))
        {
            if (!CutHex(ref rest, SignatureHexBytes, out signature) || !CutEnd(ref rest, SignatureMember) || !CutEnd(ref rest, "\""u8))
                return false;
        }
        if (!CutHex(ref rest, HexBytes, out string hash) || !CutEnd(ref rest, HashMember))
            return false;
        int hashed = rest.Length;
        if (!CutEnd(ref rest, "\""u8) || !CutHex(ref rest, HexBytes, out string previous) || !CutEnd(ref rest, PreviousMember))
            return false;
        int digits = 0;
        while (digits < 19 && digits < rest.Length && char.IsAsciiDigit((char)rest[^(digits + 1)]))
            digits++;
        if (digits == 0 || !Utf8Parser.TryParse(rest[^digits..], out long sequence, out int read) || read != digits || sequence < 1 || rest[^digits] == (byte)'0')
            return false;
        rest = rest[..^digits];
        if (!CutEnd(ref rest, SequenceMember) || rest.Length < ChainIdBytes)
            return false;
        if (!Guid.TryParseExact(Encoding.ASCII.GetString(rest[^ChainIdBytes..]), "D", out Guid chain))
            return false;
        rest = rest[..^ChainIdBytes];
        if (!EndsWith(rest, ChainMember))
            return false;
        parsed = new ChainLine
        {
            Chain = chain.ToString(),
            Sequence = sequence,
            Previous = previous,
            Hash = hash,
            Signature = signature,
            HashedBytes = hashed,
        };
        return true;
    }

    public static string HashOf(ReadOnlySpan<byte> hashed)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(hashed, hash);
        return Convert.ToHexStringLower(hash);
    }

    public static ReadOnlySpan<byte> SignatureMember => ",\"signature\":\""u8;

    private static ReadOnlySpan<byte> ChainMember => ",\"chain\":\""u8;
    private static ReadOnlySpan<byte> SequenceMember => "\",\"seq\":"u8;
    private static ReadOnlySpan<byte> PreviousMember => ",\"prev\":\""u8;
    private static ReadOnlySpan<byte> HashMember => ",\"hash\":\""u8;

    private static bool EndsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) => text.EndsWith(end);

    private static bool CutEnd(ref ReadOnlySpan<byte> text, ReadOnlySpan<byte> end)
    {
        if (!text.EndsWith(end))
            return false;
        text = text[..^end.Length];
        return true;
    }

    private static bool CutHex(ref ReadOnlySpan<byte> text, int length, out string hex)
    {
        hex = "";
        if (text.Length < length)
            return false;
        ReadOnlySpan<byte> digits = text[^length..];
        foreach (byte digit in digits)
        {
            if (digit is not (>= (byte)'0' and <= (byte)'9' or >= (byte)'a' and <= (byte)'f'))
                return false;
        }
        hex = Encoding.ASCII.GetString(digits);
        text = text[..^length];
        return true;
    }
}
