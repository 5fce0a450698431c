using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>A token role as stored (<c>sys/token/roles/NAME</c> of its namespace). Format version 1.</summary>
internal sealed record TokenRole
{
    public required string Name { get; init; }

    /// <summary>Policies that tokens of the role may have. Both lists empty = any that the parent has.</summary>
    public IReadOnlyList<string> AllowedPolicies { get; init; } = [];
    public IReadOnlyList<string> AllowedPoliciesGlob { get; init; } = [];
    public IReadOnlyList<string> DisallowedPolicies { get; init; } = [];
    public IReadOnlyList<string> DisallowedPoliciesGlob { get; init; } = [];

    /// <summary>Aliases (names or globs) that a token may ask for with <c>entity_alias</c>, compared in lower case.</summary>
    public IReadOnlyList<string> AllowedEntityAliases { get; init; } = [];

    /// <summary>Tokens of the role have no parent.</summary>
    public bool Orphan { get; init; }

    /// <summary>Ends the path of the tokens, for revocation by prefix.</summary>
    public string PathSuffix { get; init; } = "";

    public bool IsNotRenewable { get; init; }

    /// <summary>Explicit maximum, period, uses, CIDR blocks, default policy and type; the rest is not used.</summary>
    public TokenTerms Terms { get; init; } = new();

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>The role decides about policies by itself, instead of the parent's.</summary>
    [JsonIgnore]
    public bool HasPolicyRules =>
        AllowedPolicies.Count + AllowedPoliciesGlob.Count + DisallowedPolicies.Count + DisallowedPoliciesGlob.Count > 0;

    public bool Allows(string policy) =>
        (AllowedPolicies.Count + AllowedPoliciesGlob.Count == 0) || AllowedPolicies.Contains(policy) || AllowedPoliciesGlob.Any(g => Matches(g, policy));

    public bool Disallows(string policy) =>
        DisallowedPolicies.Contains(policy) || DisallowedPoliciesGlob.Any(g => Matches(g, policy));

    public bool AllowsAlias(string alias) =>
        AllowedEntityAliases.Any(a => Matches(a.ToLowerInvariant(), alias.ToLowerInvariant()));

    /// <summary>Compares with a pattern in which <c>*</c> stands for any text.</summary>
    internal static bool Matches(string pattern, string text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }
}
