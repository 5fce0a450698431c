using System.Diagnostics.CodeAnalysis;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>The end of a trail that a device kept: where its chain is taken up again.</summary>
/// <param name="Last">The last whole and undamaged line; <see langword="null"/> when there is none.</param>
/// <param name="TornBytes">Bytes after it that are no line: the server ended while it wrote.</param>
/// <param name="TornHash">SHA-256 of them without a last line feed, hex.</param>
/// <param name="NeedsLineFeed">The trail does not end in a line feed.</param>
internal sealed record AuditTail(ChainLine? Last, long TornBytes, string TornHash, bool NeedsLineFeed)
{
    public static readonly AuditTail Empty = new(null, 0, "", false);

    private const int FirstRead = 64 << 10;

    /// <summary>Reads the end of what the device kept.</summary>
    /// <exception cref="InvalidDataException">It kept something, but no line of a trail.</exception>
    public static async ValueTask<AuditTail> ReadAsync(IResumableAuditDevice device, CancellationToken cancellation)
    {
        for (int size = FirstRead; ; size *= 4)
        {
            byte[] end = await device.ReadEndAsync(size, cancellation);
            if (end.Length == 0)
                return Empty;
            bool isWhole = end.Length < size;
            if (TryParse(end, isWhole, out AuditTail? tail))
                return tail;
            if (isWhole || size >= ChainLine.MaxBytes)
                throw new InvalidDataException("the file holds something that is not an audit trail: move it away, or choose another path");
        }
    }

    /// <summary>Looks for the last good line in the last bytes of a trail.</summary>
    private static bool TryParse(ReadOnlySpan<byte> end, bool isWhole, [NotNullWhen(true)] out AuditTail? tail)
    {
        bool needsFeed = end[^1] != (byte)'\n';
        ReadOnlySpan<byte> body = needsFeed ? end : end[..^1];
        int lineEnd = body.Length;
        while (lineEnd >= 0)
        {
            int feed = body[..lineEnd].LastIndexOf((byte)'\n');
            if (feed < 0 && !isWhole)
                break;
            ReadOnlySpan<byte> line = body[(feed + 1)..lineEnd];
            if (ChainLine.TryParse(line, out ChainLine? parsed) && ChainLine.HashOf(line[..parsed.Value.HashedBytes]) == parsed.Value.Hash)
            {
                ReadOnlySpan<byte> torn = lineEnd < body.Length ? body[(lineEnd + 1)..] : [];
                tail = new AuditTail(parsed, torn.Length, torn.IsEmpty ? "" : ChainLine.HashOf(torn), needsFeed);
                return true;
            }
            lineEnd = feed;
        }
        // The very first line of a file may have been torn.
        tail = isWhole && body.StartsWith("{\"time\":"u8[..Math.Min(8, body.Length)])
            ? new AuditTail(null, body.Length, ChainLine.HashOf(body), needsFeed)
            : null;
        return tail is not null;
    }
}
