namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// A pattern with its rules, merged once for each span of time between two expirations, so that a decision at any
/// moment only picks one.
/// </summary>
internal sealed class PatternRule
{
    /// <summary>Ascending; the last is later than every moment unless all rules expire.</summary>
    private readonly (DateTimeOffset Until, MergedRule Rule)[] _spans;

    public PatternRule(string path, IReadOnlyList<(Policy Policy, PolicyRule Rule)> sources)
    {
        Pattern = new PathPattern(path);
        FoldedText = LetterCase.Fold(path);
        _spans =
        [
            .. sources.Select(source => End(source.Rule)).Distinct().Order().Select(until =>
                (until, new MergedRule([.. sources.Where(source => End(source.Rule) >= until)]))),
        ];
    }

    public PathPattern Pattern { get; }

    public string FoldedText { get; }

    /// <summary>The rule at a moment; <see langword="null"/> when all of it has expired.</summary>
    public MergedRule? At(DateTimeOffset now)
    {
        foreach (var (until, rule) in _spans)
        {
            if (now < until)
            {
                return rule;
            }
        }

        return null;
    }

    private static DateTimeOffset End(PolicyRule rule) => rule.Expiration ?? DateTimeOffset.MaxValue;
}
