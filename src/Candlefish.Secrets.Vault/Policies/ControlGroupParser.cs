using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>Reads <c>control_group</c>: a TTL and named factors of approvers.</summary>
internal static class ControlGroupParser
{
    private const int MaxFactors = 32;
    private const int MaxApprovals = 100;

    private static readonly HashSet<string> s_groupKeys = new(StringComparer.Ordinal)
    {
        "ttl", "self_auth_allowed", "factor",
    };

    private static readonly HashSet<string> s_factorKeys = new(StringComparer.Ordinal)
    {
        "controlled_capabilities", "identity",
    };

    private static readonly HashSet<string> s_identityKeys = new(StringComparer.Ordinal)
    {
        "group_names", "group_ids", "approvals",
    };

    public static ControlGroup? Parse(HclBlock rule)
    {
        if (rule.Section("control_group") is not { } group)
        {
            return null;
        }

        RefuseUnknown(group, s_groupKeys, "control_group");
        var factors = group.Sections("factor", labels: 1);
        if (factors.Count is 0 or > MaxFactors)
        {
            throw new PolicyException(group.Position, $"control_group: expected 1 to {MaxFactors} factors");
        }

        if (factors.DistinctBy(factor => factor.Labels[0], StringComparer.Ordinal).Count() != factors.Count)
        {
            throw new PolicyException(group.Position, "control_group: expected factors with different names");
        }

        return new ControlGroup(
            group.Value("ttl")?.AsDuration() ?? TimeSpan.Zero,
            group.Value("self_auth_allowed")?.AsBool() ?? false,
            [.. factors.Select(Factor)]);
    }

    private static ControlGroupFactor Factor(HclBlock factor)
    {
        RefuseUnknown(factor, s_factorKeys, "factor");
        var identity = factor.Section("identity")
            ?? throw new PolicyException(factor.Position, "factor: expected an identity block with approvers");
        RefuseUnknown(identity, s_identityKeys, "identity");
        var names = identity.Value("group_names")?.AsStrings() ?? [];
        var ids = identity.Value("group_ids")?.AsStrings() ?? [];
        var approvals = identity.Value("approvals")?.AsInteger() ?? 1;
        if (names.Count + ids.Count == 0)
        {
            throw new PolicyException(identity.Position, "identity: expected group_names or group_ids");
        }

        if (approvals is < 1 or > MaxApprovals)
        {
            throw new PolicyException(identity.Position, $"identity: expected approvals from 1 to {MaxApprovals}");
        }

        return new ControlGroupFactor(factor.Labels[0], Controlled(factor), names, ids, (int)approvals);
    }

    private static Capability Controlled(HclBlock factor)
    {
        var controlled = Capability.None;
        if (factor.Value("controlled_capabilities") is { } value)
        {
            foreach (var word in value.AsStrings())
            {
                controlled |= CapabilityNames.TryParse(word, out var capability)
                    ? capability
                    : throw new PolicyException(
                        value.Position, $"controlled_capabilities: invalid capability {PolicyRuleParser.QuoteWord(word)}");
            }
        }

        return controlled;
    }

    private static void RefuseUnknown(HclBlock block, HashSet<string> known, string where)
    {
        if (block.FirstUnknown(known) is { } unknown)
        {
            throw new PolicyException(unknown.Position, $"{where}: invalid key {PolicyRuleParser.Quote(unknown.Name)}");
        }
    }
}
