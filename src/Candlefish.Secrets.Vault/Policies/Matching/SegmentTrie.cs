namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// The patterns with <c>+</c>, as a tree of segments: a lookup follows the literal branch and the plus branch of each
/// segment and never looks at patterns that differ earlier.
/// </summary>
internal sealed class SegmentTrie
{
    private readonly Dictionary<string, SegmentTrie> _literals = new(StringComparer.Ordinal);
    private Dictionary<string, SegmentTrie>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private SegmentTrie? _plus;

    /// <summary>The pattern that ends with the segment of this node.</summary>
    private PatternRule? _whole;

    /// <summary>Patterns that end in a started segment and <c>*</c> below this node.</summary>
    private List<(string Start, PatternRule Rule)>? _starts;
    private PrefixIndex? _startIndex;

    public SegmentTrie() => _bySpan = _literals.GetAlternateLookup<ReadOnlySpan<char>>();

    public void Add(PatternRule rule)
    {
        var node = this;
        var rest = rule.Pattern.Literal;
        for (var slash = rest.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = rest.IndexOf('/', StringComparison.Ordinal))
        {
            node = node.Child(rest[..slash]);
            rest = rest[(slash + 1)..];
        }

        if (rule.Pattern.EndsInStar)
        {
            (node._starts ??= []).Add((rest, rule));
        }
        else
        {
            node.Child(rest)._whole = rule;
        }
    }

    /// <summary>To be called once, after the last <see cref="Add"/>.</summary>
    public void Freeze()
    {
        _startIndex = _starts is null ? null : new PrefixIndex(_starts);
        _starts = null;
        _plus?.Freeze();
        foreach (var child in _literals.Values)
        {
            child.Freeze();
        }
    }

    /// <summary>The pattern of the highest priority that matches and has not expired.</summary>
    public PatternRule? Find(ReadOnlySpan<char> path, DateTimeOffset now)
    {
        PatternRule? best = null;
        Find(path, now, ref best);
        return best;
    }

    private void Find(ReadOnlySpan<char> rest, DateTimeOffset now, ref PatternRule? best)
    {
        if (_startIndex is not null)
        {
            var slashOrEnd = rest.IndexOf('/');
            Prefer(_startIndex.Find(slashOrEnd < 0 ? rest : rest[..slashOrEnd], now), ref best);
        }

        var slash = rest.IndexOf('/');
        var segment = slash < 0 ? rest : rest[..slash];
        if (_literals.Count > 0 && _bySpan.TryGetValue(segment, out var literal))
        {
            literal.Descend(rest, slash, now, ref best);
        }

        _plus?.Descend(rest, slash, now, ref best);
    }

    private void Descend(ReadOnlySpan<char> rest, int slash, DateTimeOffset now, ref PatternRule? best)
    {
        if (slash >= 0)
        {
            Find(rest[(slash + 1)..], now, ref best);
        }
        else if (_whole?.At(now) is not null)
        {
            Prefer(_whole, ref best);
        }
    }

    private static void Prefer(PatternRule? candidate, ref PatternRule? best)
    {
        if (candidate is not null && (best is null || candidate.Pattern.CompareTo(best.Pattern) > 0))
        {
            best = candidate;
        }
    }

    private SegmentTrie Child(string segment)
    {
        if (segment == "+")
        {
            return _plus ??= new SegmentTrie();
        }

        if (!_literals.TryGetValue(segment, out var child))
        {
            child = new SegmentTrie();
            _literals.Add(segment, child);
        }

        return child;
    }
}
