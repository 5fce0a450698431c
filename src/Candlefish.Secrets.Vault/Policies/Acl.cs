using Candlefish.Secrets.Vault.Policies.Matching;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// The compiled policies of one token: a pure decision function of the request (docs/policies.md). Immutable and
/// thread-safe; an allowed decision allocates nothing unless the deciding rule looks at parameters.
/// </summary>
public sealed class Acl
{
    private readonly RuleFinder _finder;
    private readonly IReadOnlyList<PatternRule> _patterns;

    private Acl(bool isRoot, IReadOnlyList<PatternRule> patterns, IReadOnlyList<PatternRule> foldedDenies)
    {
        IsRoot = isRoot;
        _patterns = patterns;
        _finder = new RuleFinder(patterns, foldedDenies);
    }

    /// <summary>The decisions of a root token: everything is allowed.</summary>
    public static Acl Root { get; } = new(isRoot: true, [], []);

    /// <summary>Allows nothing but help.</summary>
    public static Acl Empty { get; } = new(isRoot: false, [], []);

    public bool IsRoot { get; }

    /// <summary>
    /// Joins the policies of a token. <paramref name="values"/> fills <c>{{identity…}}</c>; without it, and where it
    /// cannot be filled, such a rule falls away. The root policy stands alone: with others it is an
    /// <see cref="ArgumentException"/>.
    /// </summary>
    public static Acl Compile(IEnumerable<Policy> policies, IdentityTemplateValues? values)
    {
        ArgumentNullException.ThrowIfNull(policies);
        Policy[] all = [.. policies];
        if (all.Any(policy => policy.IsRoot))
        {
            return all.Length == 1
                ? Root
                : throw new ArgumentException("The root policy is never combined with others.", nameof(policies));
        }

        var byPath = new Dictionary<string, List<(Policy, PolicyRule)>>(StringComparer.Ordinal);
        var deniesByFoldedPath = new Dictionary<string, List<(Policy, PolicyRule)>>(StringComparer.Ordinal);
        foreach (var policy in all)
        {
            foreach (var rule in policy.Rules)
            {
                if ((rule.Template is null ? rule.Path : rule.Template.Fill(values)) is not { } path)
                {
                    continue;
                }

                Add(byPath, path, policy, rule);
                if (rule.Capabilities.HasFlag(Capability.Deny))
                {
                    Add(deniesByFoldedPath, LetterCase.Fold(path), policy, rule);
                }
            }
        }

        return new Acl(isRoot: false, Patterns(byPath), Patterns(deniesByFoldedPath));
    }

    /// <summary>Decides one request. Help is always allowed.</summary>
    public AclDecision Decide(in AclRequest request)
    {
        if (request.Operation == Operation.Help || IsRoot)
        {
            return new AclDecision { IsAllowed = true, IsRoot = IsRoot };
        }

        var isList = request.Operation is Operation.List or Operation.Scan;
        var rule = isList
            ? _finder.FindForList(request.Path, request.Now)
            : _finder.Find(request.Path, request.Now);
        if (rule is null)
        {
            return AclDecision.Refused(AclDenial.NothingMatches);
        }

        var capability = CapabilityNames.For(request.Operation);
        var denial = Check(rule, capability, request);
        return denial != AclDenial.None
            ? AclDecision.Refused(denial)
            : new AclDecision
            {
                IsAllowed = true,
                GrantingPolicies = rule.PoliciesWith(capability),
                ControlGroup = rule.ControlGroup?.For(capability),
                MfaMethods = rule.MfaMethods,
                ListFilterPaths = isList ? rule.ListFilterPaths : [],
                PaginationLimit = isList ? rule.PaginationLimit : null,
            };
    }

    /// <summary>
    /// The capabilities on a path, each exactly when <see cref="Decide"/> would find it there (Vault API:
    /// <c>sys/capabilities</c>); <see cref="Capability.Deny"/> when there are none. Not for root: ask
    /// <see cref="IsRoot"/> first.
    /// </summary>
    public Capability CapabilitiesOf(string path, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(path);
        const Capability listed = Capability.List | Capability.Scan;
        var direct = _finder.Find(path, now)?.Capabilities ?? Capability.None;
        var list = _finder.FindForList(path, now)?.Capabilities ?? Capability.None;
        var capabilities = ((direct & ~listed) | (list & listed)) & ~Capability.Deny;
        return capabilities == Capability.None ? Capability.Deny : capabilities;
    }

    /// <summary>Whether events of a type about a path may be received (Vault API: <c>sys/events/subscribe</c>).</summary>
    public bool MaySubscribe(string path, string eventType, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(path);
        return IsRoot
            || (_finder.Find(path, now) is { } rule
                && rule.Has(Capability.Subscribe)
                && rule.SubscribeEventTypes.Any(glob => ParameterValues.MatchesGlob(eventType, glob, StringComparison.Ordinal)));
    }

    /// <summary>
    /// Whether some rule grants something on some path that starts with <paramref name="prefix"/>, such as
    /// <c>secret/</c> (Vault API: <c>sys/internal/ui/mounts</c>). May say yes where narrower denies leave nothing.
    /// </summary>
    public bool ReachesInto(string prefix, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return IsRoot || _patterns.Any(pattern =>
            pattern.At(now) is { IsDeny: false, Capabilities: not Capability.None } && pattern.Pattern.MayMatchBelow(prefix));
    }

    /// <summary>All patterns with their capabilities at a moment.</summary>
    public AclRules Rules(DateTimeOffset now)
    {
        var exact = new SortedDictionary<string, Capability>(StringComparer.Ordinal);
        var globs = new SortedDictionary<string, Capability>(StringComparer.Ordinal);
        foreach (var pattern in _patterns)
        {
            if (pattern.At(now) is { } rule)
            {
                var capabilities = rule.Capabilities == Capability.None ? Capability.Deny : rule.Capabilities;
                switch (pattern.Pattern.Kind)
                {
                    case PatternKind.Exact: exact[pattern.Pattern.Text] = capabilities; break;
                    case PatternKind.Prefix: globs[pattern.Pattern.Literal] = capabilities; break;
                    default: globs[pattern.Pattern.Text] = capabilities; break;
                }
            }
        }

        return new AclRules(IsRoot, exact, globs);
    }

    private static AclDenial Check(MergedRule rule, Capability capability, in AclRequest request)
    {
        if (rule.IsDeny)
        {
            return AclDenial.ExplicitDeny;
        }

        if (!rule.Has(capability))
        {
            return AclDenial.CapabilityMissing;
        }

        if (request.IsRootProtected && !rule.Has(Capability.Sudo))
        {
            return AclDenial.SudoMissing;
        }

        if (!IsWrappedAsAsked(rule, request.WrapTtl))
        {
            return AclDenial.WrappingTtl;
        }

        return rule.Parameters is not null && ChecksParameters(request.Operation)
            ? rule.Parameters.Check(request.Data?.Root)
            : AclDenial.None;
    }

    private static bool ChecksParameters(Operation operation) =>
        operation is Operation.Read or Operation.Create or Operation.Update or Operation.Patch;

    private static bool IsWrappedAsAsked(MergedRule rule, TimeSpan? wrapTtl)
    {
        if (rule.MinWrappingTtl is null && rule.MaxWrappingTtl is null)
        {
            return true;
        }

        return wrapTtl is { Ticks: > 0 } ttl
            && !(ttl < rule.MinWrappingTtl)
            && !(ttl > rule.MaxWrappingTtl)
            && !(rule.MaxWrappingTtl < rule.MinWrappingTtl);
    }

    private static void Add(
        Dictionary<string, List<(Policy, PolicyRule)>> byPath, string path, Policy policy, PolicyRule rule)
    {
        if (!byPath.TryGetValue(path, out var rules))
        {
            byPath.Add(path, rules = new List<(Policy, PolicyRule)>(1));
        }

        rules.Add((policy, rule));
    }

    private static PatternRule[] Patterns(Dictionary<string, List<(Policy, PolicyRule)>> byPath) =>
        [.. byPath.Select(entry => new PatternRule(entry.Key, entry.Value))];
}
