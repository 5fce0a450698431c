namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// One form for all letter-case variants of a text. Texts that lower to the same, or upper to the same, fold to the
/// same, so that no store that lowers or uppers names sees one resource where an explicit deny sees two.
/// </summary>
internal static class LetterCase
{
    public static string Fold(string text)
    {
        var folded = new char[text.Length];
        Fold(text, folded);
        return new string(folded);
    }

    /// <summary>Writes exactly as many characters as <paramref name="text"/> has.</summary>
    public static void Fold(ReadOnlySpan<char> text, Span<char> folded)
    {
        folded = folded[..text.Length];
        if (System.Text.Ascii.IsValid(text))
        {
            System.Text.Ascii.ToLower(text, folded, out _);
            return;
        }

        // Upper after lower joins letters with two lower forms (long s); the last lower gives ASCII its usual form.
        // Span casing refuses overlapping buffers, hence the copy.
        var buffer = new char[text.Length];
        text.ToLowerInvariant(buffer);
        buffer.AsSpan().ToUpperInvariant(folded);
        for (var i = 0; i < folded.Length; i++)
        {
            folded[i] = folded[i] is '\u017F' ? 's' : folded[i] is '\u0131' ? 'i' : folded[i];
        }

        folded.CopyTo(buffer);
        buffer.AsSpan().ToLowerInvariant(folded);
    }
}
