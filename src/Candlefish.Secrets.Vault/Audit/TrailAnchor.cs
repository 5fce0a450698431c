namespace Candlefish.Secrets.Vault.Audit;

/// <summary>A checkpoint that was kept outside the trail.</summary>
internal sealed record TrailAnchor(string Chain, long Sequence, string Hash)
{
    /// <summary>Reads checkpoint lines from a file; no name = none.</summary>
    /// <exception cref="FormatException">A line is no checkpoint.</exception>
    public static IReadOnlyList<TrailAnchor> Read(string path)
    {
        if (path.Length == 0)
            return [];
        var anchors = new List<TrailAnchor>();
        foreach (string text in File.ReadLines(path))
        {
            if (text.Length == 0)
                continue;
            byte[] line = System.Text.Encoding.UTF8.GetBytes(text);
            if (!ChainLine.TryParse(line, out ChainLine? parsed) || parsed.Value.Signature.Length == 0)
                throw new FormatException("the anchor file holds a line that is not a checkpoint of a trail");
            if (ChainLine.HashOf(line.AsSpan(0, parsed.Value.HashedBytes)) != parsed.Value.Hash)
                throw new FormatException($"the anchor with seq {parsed.Value.Sequence} was changed: its hash does not fit");
            anchors.Add(new TrailAnchor(parsed.Value.Chain, parsed.Value.Sequence, parsed.Value.Hash));
        }
        return anchors;
    }
}
