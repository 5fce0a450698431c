using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// The <c>token_*</c> parameters that every auth role takes and shows (Vault API: "token parameters"), so that all
/// methods read, check and write them alike.
/// </summary>
/// <remarks>
/// <code>
/// Route.At("role/{name}", "A role.").Takes([.. TokenTermsFields.All, Field.Text("extra", "…")])
/// role = role with { Terms = TokenTermsFields.Read(context.Fields, role.Terms) };
/// VaultResponse.Ok(JsonData.Object(w => TokenTermsFields.Write(w, role.Terms)));
/// </code>
/// </remarks>
public static class TokenTermsFields
{
    public static IReadOnlyList<Field> All { get; } =
    [
        Field.TextList("token_bound_cidrs", "CIDR blocks that may log in and use the token; empty = everywhere."),
        Field.Duration("token_explicit_max_ttl", "Hard end of the token's life, counted from its creation; renewal never goes beyond. 0 = none."),
        Field.Duration("token_max_ttl", "Longest life of the token by renewal. 0 = the mount's maximum."),
        Field.Flag("token_no_default_policy", "Do not add the policy 'default'."),
        Field.Whole("token_num_uses", "Requests that the token serves. 0 = unlimited."),
        Field.Duration("token_period", "Makes the token periodic: every renewal gives this life again. 0 = not periodic."),
        Field.TextList("token_policies", "Policies of the token."),
        Field.Duration("token_ttl", "First life of the token. 0 = the mount's default."),
        Field.Text("token_type", "Kind of the token: default, service, batch, default-service or default-batch.", "default-service"),
    ];

    /// <summary>The names that the same parameters had before; <see cref="Read"/> takes them when asked to.</summary>
    public static IReadOnlyList<Field> Legacy { get; } =
    [
        Field.TextList("bound_cidrs", "Use token_bound_cidrs.").Deprecated(),
        Field.Duration("max_ttl", "Use token_max_ttl.").Deprecated(),
        Field.Whole("num_uses", "Use token_num_uses.").Deprecated(),
        Field.Duration("period", "Use token_period.").Deprecated(),
        Field.TextList("policies", "Use token_policies.").Deprecated(),
        Field.Duration("ttl", "Use token_ttl.").Deprecated(),
    ];

    /// <summary>The terms after a write: what the request does not name keeps the value of <paramref name="old"/>.</summary>
    /// <param name="withLegacyNames">Also takes the <see cref="Legacy"/> names; the new name wins.</param>
    /// <param name="legacyNames">Also takes these of them: for methods that never had the others.</param>
    /// <exception cref="RequestRefused">400: a value of the wrong type, or values that contradict each other.</exception>
    public static TokenTerms Read(FieldReader fields, TokenTerms old, bool withLegacyNames = false, IReadOnlyList<string>? legacyNames = null)
    {
        string Name(string suffix) => (withLegacyNames || legacyNames?.Contains(suffix) == true) && !fields.Has("token_" + suffix) ? suffix : "token_" + suffix;
        TokenTerms terms = old with
        {
            BoundCidrs = fields.TextList(Name("bound_cidrs")) is { } cidrs ? Cidrs(cidrs) : old.BoundCidrs,
            ExplicitMaxTtl = fields.Ttl(Name("explicit_max_ttl")) ?? old.ExplicitMaxTtl,
            MaxTtl = fields.Ttl(Name("max_ttl")) ?? old.MaxTtl,
            NoDefaultPolicy = fields.Flag("token_no_default_policy") ?? old.NoDefaultPolicy,
            NumUses = fields.Whole(Name("num_uses"), 0, int.MaxValue) ?? old.NumUses,
            Period = fields.Ttl(Name("period")) ?? old.Period,
            Policies = fields.TextList(Name("policies")) is { } policies ? TokenPolicies.Canonical(policies) : old.Policies,
            Ttl = fields.Ttl(Name("ttl")) ?? old.Ttl,
            Type = fields.Text("token_type") is { } type ? TypeOf(type) : old.Type,
        };
        Check(terms);
        return terms;
    }

    /// <summary>Writes all nine members in alphabetical order.</summary>
    public static void Write(Utf8JsonWriter writer, TokenTerms terms)
    {
        writer.WriteStrings("token_bound_cidrs", terms.BoundCidrs);
        writer.WriteSeconds("token_explicit_max_ttl", terms.ExplicitMaxTtl);
        writer.WriteSeconds("token_max_ttl", terms.MaxTtl);
        writer.WriteBoolean("token_no_default_policy", terms.NoDefaultPolicy);
        writer.WriteNumber("token_num_uses", terms.NumUses);
        writer.WriteSeconds("token_period", terms.Period);
        writer.WriteStrings("token_policies", terms.Policies);
        writer.WriteSeconds("token_ttl", terms.Ttl);
        writer.WriteString("token_type", terms.Type.Length == 0 ? "default" : terms.Type);
    }

    /// <summary>Checks CIDR blocks and plain addresses; returns them trimmed.</summary>
    /// <exception cref="RequestRefused">400: one of them is neither.</exception>
    public static IReadOnlyList<string> Cidrs(IReadOnlyList<string> blocks)
    {
        var trimmed = new List<string>(blocks.Count);
        foreach (string block in blocks)
        {
            string text = block.Trim();
            if (text.Length == 0)
                continue;
            if (!CidrBlock.TryParse(text, out _))
                throw RequestRefused.BadRequest("error parsing bound CIDRs: expected addresses or blocks such as 10.0.0.0/8");
            trimmed.Add(text);
        }
        return trimmed;
    }

    private static string TypeOf(string text) => text switch
    {
        "" or "default" => "",
        "service" or "batch" or "default-service" or "default-batch" => text,
        _ => throw RequestRefused.BadRequest("invalid 'token_type' value: use default, service, batch, default-service or default-batch"),
    };

    private static void Check(TokenTerms terms)
    {
        if (terms.Ttl > TimeSpan.Zero && terms.MaxTtl > TimeSpan.Zero && terms.Ttl > terms.MaxTtl)
            throw RequestRefused.BadRequest("'token_ttl' cannot be greater than 'token_max_ttl'");
        if (terms.Type is "batch" or "default-batch")
        {
            if (terms.NumUses != 0)
                throw RequestRefused.BadRequest("'token_type' cannot be 'batch' or 'default_batch' when set to generate tokens with limited use count");
            if (terms.Period > TimeSpan.Zero)
                throw RequestRefused.BadRequest("'token_type' cannot be 'batch' or 'default_batch' when set to generate periodic tokens");
        }
        if (TokenPolicies.Unassignable(terms.Policies) is { } name)
            throw RequestRefused.BadRequest($"'token_policies' cannot hold {name}: auth methods cannot create such tokens");
    }
}
