using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// Reads an ACL policy: HCL or JSON, in the standard form (<c>path "…" { }</c>) or wrapped
/// (<c>policy "name" { rules = &lt;&lt;EOT … EOT }</c>). Vault API: POST <c>sys/policies/acl/:name</c>.
/// </summary>
public static class PolicyParser
{
    private static readonly HashSet<string> s_topLevel = new(StringComparer.Ordinal) { "path", "policy", "name" };

    private static readonly HashSet<string> s_wrapper = new(StringComparer.Ordinal) { "rules" };

    /// <summary>
    /// Parses <paramref name="text"/> as the policy <paramref name="name"/>, which is canonicalized first. Everything
    /// that cannot be accepted is a <see cref="PolicyException"/>.
    /// </summary>
    public static Policy Parse(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var canonical = PolicyNames.Canonicalize(name);
        if (canonical == PolicyNames.Root)
        {
            throw new PolicyException("cannot update \"root\" policy");
        }

        try
        {
            return Parse(canonical, text, isInner: false);
        }
        catch (HclException e)
        {
            throw new PolicyException(e);
        }
    }

    private static Policy Parse(string name, string text, bool isInner)
    {
        var root = HclDocument.Parse(text).Root;
        if (root.FirstUnknown(s_topLevel) is { } unknown)
        {
            throw new PolicyException(unknown.Position, $"invalid key {PolicyRuleParser.Quote(unknown.Name)}: expected path");
        }

        _ = root.Value("name")?.AsString();
        var paths = root.Sections("path", labels: 1);
        var wrapped = root.Sections("policy", labels: 1);
        if (wrapped.Count == 0)
        {
            return new Policy(name, text, PolicyRuleParser.ParseAll(paths, out var warnings), warnings);
        }

        if (isInner)
        {
            throw new PolicyException(wrapped[0].Position, "a policy block inside the rules of a policy block");
        }

        if (paths.Count > 0)
        {
            throw new PolicyException(paths[0].Position, "path blocks beside policy blocks: use one form only");
        }

        return Unwrap(name, wrapped);
    }

    private static Policy Unwrap(string name, IReadOnlyList<HclBlock> blocks)
    {
        var byName = new Dictionary<string, HclBlock>(StringComparer.Ordinal);
        foreach (var block in blocks)
        {
            if (!PolicyNames.TryCanonicalize(block.Labels[0], out var label, out var problem))
            {
                throw new PolicyException(block.Position, problem);
            }

            if (!byName.TryAdd(label, block))
            {
                throw new PolicyException(block.Position, $"policy \"{label}\" occurs twice");
            }
        }

        if (!byName.TryGetValue(name, out var chosen))
        {
            var names = string.Join(", ", byName.Keys.Order(StringComparer.Ordinal).Take(20));
            throw new PolicyException($"the text has no policy \"{name}\": it has {names}");
        }

        var policy = Parse(name, Rules(chosen), isInner: true);
        return byName.Count == 1
            ? policy
            : new Policy(
                name,
                policy.Text,
                policy.Rules,
                [.. policy.Warnings, $"The text holds {byName.Count} policies; all but \"{name}\" are ignored."]);
    }

    private static string Rules(HclBlock block)
    {
        if (block.FirstUnknown(s_wrapper) is { } unknown)
        {
            throw new PolicyException(unknown.Position, $"invalid key {PolicyRuleParser.Quote(unknown.Name)}: expected rules");
        }

        var rules = block.Value("rules") ?? throw new PolicyException(block.Position, "policy block without rules");
        return rules.AsString();
    }
}
