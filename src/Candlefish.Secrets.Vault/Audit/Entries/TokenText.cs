using System.Text;

namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>Finds client tokens inside texts that are otherwise shown: a path or an error may quote one.</summary>
internal static class TokenText
{
    /// <summary>Shortest run after the prefix that is taken for a token.</summary>
    private const int MinBody = 16;

    private static readonly string[] Prefixes = ["hvs.", "hvb.", "hvr."];

    /// <summary>The text with every token replaced by its HMAC.</summary>
    public static string Hide(string text, AuditHasher hasher)
    {
        int at = Find(text, 0, out int length);
        if (at < 0)
            return text;
        var shown = new StringBuilder(text.Length + AuditHasher.TextBytes);
        int done = 0;
        while (at >= 0)
        {
            shown.Append(text, done, at - done).Append(hasher.Hash(text.Substring(at, length)));
            done = at + length;
            at = Find(text, done, out length);
        }
        return shown.Append(text, done, text.Length - done).ToString();
    }

    private static int Find(string text, int from, out int length)
    {
        length = 0;
        for (int at = text.IndexOf("hv", from, StringComparison.Ordinal); at >= 0; at = text.IndexOf("hv", at + 1, StringComparison.Ordinal))
        {
            foreach (string prefix in Prefixes)
            {
                if (string.CompareOrdinal(text, at, prefix, 0, prefix.Length) != 0)
                    continue;
                int end = at + prefix.Length;
                while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '-' or '.'))
                    end++;
                length = end - at;
                if (length - prefix.Length >= MinBody)
                    return at;
            }
        }
        return -1;
    }
}
