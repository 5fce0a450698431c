namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>The patterns of a token by kind, each kind with a lookup that does not scan. Immutable once built.</summary>
internal sealed class PatternIndex
{
    private readonly Dictionary<string, PatternRule>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly PrefixIndex _prefixes;
    private readonly SegmentTrie? _segments;

    public PatternIndex(IReadOnlyList<PatternRule> rules)
    {
        IsEmpty = rules.Count == 0;
        _exact = rules.Where(rule => rule.Pattern.Kind == PatternKind.Exact)
            .ToDictionary(rule => rule.Pattern.Text, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixes = new PrefixIndex(rules.Where(rule => rule.Pattern.Kind == PatternKind.Prefix)
            .Select(rule => (rule.Pattern.Literal, rule)));
        foreach (var rule in rules.Where(rule => rule.Pattern.Kind == PatternKind.Segments))
        {
            _segments ??= new SegmentTrie();
            _segments.Add(rule);
        }

        _segments?.Freeze();
    }

    public bool IsEmpty { get; }

    public PatternRule? FindExact(ReadOnlySpan<char> path, DateTimeOffset now) =>
        _exact.TryGetValue(path, out var rule) && rule.At(now) is not null ? rule : null;

    /// <summary>The best pattern with a wildcard.</summary>
    public PatternRule? FindWildcard(ReadOnlySpan<char> path, DateTimeOffset now)
    {
        var prefix = _prefixes.Find(path, now);
        var segments = _segments?.Find(path, now);
        return prefix is null || segments?.Pattern.CompareTo(prefix.Pattern) > 0 ? segments : prefix;
    }
}
