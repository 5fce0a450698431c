using System.Numerics;

namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// All rules of one pattern, from all policies of a token, as one: capabilities and lists are united,
/// the smaller of each wrapping TTL counts, what one rule restricts another one does not set free.
/// </summary>
internal sealed class MergedRule
{
    private readonly IReadOnlyList<string> _everyPolicy;

    /// <summary>By the bit number of the capability; <see langword="null"/> when one policy brings all of them.</summary>
    private readonly IReadOnlyList<string>[]? _policiesByBit;

    public MergedRule(IReadOnlyList<(Policy Policy, PolicyRule Rule)> sources)
    {
        PolicyRule[] rules = [.. sources.Select(source => source.Rule)];
        var united = rules.Aggregate(Capability.None, (all, rule) => all | rule.Capabilities);
        Capabilities = united.HasFlag(Capability.Deny) ? Capability.Deny : united;
        MinWrappingTtl = rules.Min(rule => rule.MinWrappingTtl);
        MaxWrappingTtl = rules.Min(rule => rule.MaxWrappingTtl);
        Parameters = ParameterRules.Unite(rules);
        ControlGroup = UniteControlGroups(rules);
        MfaMethods = Distinct(rules.SelectMany(rule => rule.MfaMethods));
        ListFilterPaths = Distinct(rules.Select(rule => rule.ListFilterPath).Where(path => path.Length > 0));
        PaginationLimit = rules.Min(rule => rule.PaginationLimit);
        SubscribeEventTypes = Distinct(rules.SelectMany(rule => rule.SubscribeEventTypes));
        _everyPolicy = sources.All(source => source.Policy.Name == sources[0].Policy.Name)
            ? sources[0].Policy.NameList
            : Distinct(sources.Select(source => source.Policy.Name));
        _policiesByBit = _everyPolicy.Count == 1 ? null : PoliciesByBit(sources);
    }

    /// <summary><see cref="Capability.Deny"/> stands alone.</summary>
    public Capability Capabilities { get; }

    public bool Has(Capability capability) => (Capabilities & capability) != 0;

    public bool IsDeny => Capabilities == Capability.Deny;

    public TimeSpan? MinWrappingTtl { get; }

    public TimeSpan? MaxWrappingTtl { get; }

    public ParameterRules? Parameters { get; }

    public ControlGroup? ControlGroup { get; }

    public IReadOnlyList<string> MfaMethods { get; }

    public IReadOnlyList<string> ListFilterPaths { get; }

    public int? PaginationLimit { get; }

    public IReadOnlyList<string> SubscribeEventTypes { get; }

    /// <summary>The policies that bring one capability.</summary>
    public IReadOnlyList<string> PoliciesWith(Capability capability) =>
        _policiesByBit is null ? _everyPolicy : _policiesByBit[BitOperations.TrailingZeroCount((int)capability)];

    private static IReadOnlyList<string>[] PoliciesByBit(IReadOnlyList<(Policy Policy, PolicyRule Rule)> sources)
    {
        var bits = BitOperations.Log2((uint)Capability.Recover) + 1;
        var byBit = new IReadOnlyList<string>[bits];
        for (var bit = 0; bit < bits; bit++)
        {
            var capability = (Capability)(1 << bit);
            byBit[bit] = Distinct(sources.Where(s => s.Rule.Capabilities.HasFlag(capability)).Select(s => s.Policy.Name));
        }

        return byBit;
    }

    /// <summary>All factors must agree; the shorter TTL counts; own approval only if every rule lets it.</summary>
    private static ControlGroup? UniteControlGroups(PolicyRule[] rules)
    {
        ControlGroup? united = null;
        foreach (var group in rules.Select(rule => rule.ControlGroup).OfType<ControlGroup>())
        {
            united = united is null
                ? group
                : new ControlGroup(
                    Shorter(united.Ttl, group.Ttl),
                    united.SelfAuthAllowed && group.SelfAuthAllowed,
                    [.. united.Factors, .. group.Factors]);
        }

        return united;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) =>
        a == TimeSpan.Zero ? b : b == TimeSpan.Zero || a < b ? a : b;

    private static string[] Distinct(IEnumerable<string> values) => [.. values.Distinct(StringComparer.Ordinal)];
}
