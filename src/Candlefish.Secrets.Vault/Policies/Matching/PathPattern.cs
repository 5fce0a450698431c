namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>How a pattern is looked up.</summary>
internal enum PatternKind
{
    Exact,

    /// <summary><c>text*</c>: everything that starts with the text.</summary>
    Prefix,

    /// <summary>A pattern with <c>+</c> as its first segment or after a slash, with or without <c>*</c> at its end.</summary>
    Segments,
}

/// <summary>
/// The path of a rule and its priority among the patterns that match one request path: exact, then the
/// first wildcard further right, then not ending in <c>*</c>, then fewer <c>+</c>, then longer, then the larger text.
/// </summary>
internal sealed class PathPattern : IComparable<PathPattern>
{
    private readonly int _firstWildcard;
    private readonly int _wholeSegments;

    public PathPattern(string text)
    {
        Text = text;
        EndsInStar = text.EndsWith('*');
        if (IsSegmented(text))
        {
            Kind = PatternKind.Segments;
            _firstWildcard = text.IndexOf('+', StringComparison.Ordinal);
            _wholeSegments = CountWholeSegments(text);
        }
        else
        {
            Kind = EndsInStar ? PatternKind.Prefix : PatternKind.Exact;
            _firstWildcard = text.Length - 1;
        }

        Literal = EndsInStar ? text[..^1] : text;
    }

    public string Text { get; }

    /// <summary>The text without the star at its end.</summary>
    public string Literal { get; }

    public PatternKind Kind { get; }

    public bool EndsInStar { get; }

    /// <summary>
    /// Whether a plus is the first segment or follows a slash. <c>a/+x</c> counts although its plus matches only itself;
    /// <c>a+b</c> and <c>+x</c> do not: they name one path.
    /// </summary>
    public static bool IsSegmented(string text) =>
        text == "+" || text.StartsWith("+/", StringComparison.Ordinal) || text.Contains("/+", StringComparison.Ordinal);

    /// <summary>Larger = decides before the other. Zero only for the same text.</summary>
    public int CompareTo(PathPattern? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = ComparePlaces(other);
        return order != 0 ? order : string.CompareOrdinal(Text, other.Text);
    }

    /// <summary>
    /// Compares with a pattern that matches in any letter case and is written in folded form: as if it were written in
    /// the case of this one. Zero when both differ in case at most.
    /// </summary>
    public int CompareToFolded(PathPattern folded, string ownFoldedText)
    {
        var order = ComparePlaces(folded);
        return order != 0 ? order : string.CompareOrdinal(ownFoldedText, folded.Text);
    }

    /// <summary>Whether some path that starts with <paramref name="prefix"/> could match.</summary>
    public bool MayMatchBelow(string prefix)
    {
        if (Kind != PatternKind.Segments)
        {
            return Literal.StartsWith(prefix, StringComparison.Ordinal)
                || (EndsInStar && prefix.StartsWith(Literal, StringComparison.Ordinal));
        }

        var own = Literal.Split('/');
        var wanted = prefix.Split('/');
        for (var i = 0; i < wanted.Length; i++)
        {
            if (i == own.Length - 1 && EndsInStar)
            {
                return wanted[i].StartsWith(own[i], StringComparison.Ordinal) || own[i].StartsWith(wanted[i], StringComparison.Ordinal);
            }

            if (i >= own.Length)
            {
                return false;
            }

            var isLast = i == wanted.Length - 1;
            if (own[i] != "+" && own[i] != wanted[i] && !(isLast && own[i].StartsWith(wanted[i], StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }

    private int ComparePlaces(PathPattern other)
    {
        var order = (Kind == PatternKind.Exact).CompareTo(other.Kind == PatternKind.Exact);
        order = order != 0 ? order : _firstWildcard.CompareTo(other._firstWildcard);
        order = order != 0 ? order : other.EndsInStar.CompareTo(EndsInStar);
        order = order != 0 ? order : other._wholeSegments.CompareTo(_wholeSegments);
        return order != 0 ? order : Text.Length.CompareTo(other.Text.Length);
    }

    private static int CountWholeSegments(string text)
    {
        var count = 0;
        foreach (var segment in text.AsSpan().Split('/'))
        {
            count += text.AsSpan(segment) is "+" ? 1 : 0;
        }

        return count;
    }
}
