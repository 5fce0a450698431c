using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary><c>auth/token/roles</c>: what tokens of <c>auth/token/create/ROLE</c> are like.</summary>
internal static class TokenRoleRoutes
{
    private const string Folder = "roles/";

    public static IEnumerable<Route> All() =>
    [
        Route.At("roles", "Lists the token roles.").Lists(ListAsync),
        Route.At("roles/{role_name}", "Reads, writes and deletes a token role.")
            .Takes(
                Field.TextList("allowed_entity_aliases", "Entity aliases that a token may ask for; '*' stands for any text."),
                Field.TextList("allowed_policies", "Policies that tokens of this role may have; all of them when none is asked for."),
                Field.TextList("allowed_policies_glob", "As allowed_policies, with '*' for any text."),
                Field.TextList("disallowed_policies", "Policies that tokens of this role may not have."),
                Field.TextList("disallowed_policies_glob", "As disallowed_policies, with '*' for any text."),
                Field.Flag("orphan", "Tokens of this role have no parent."),
                Field.Text("path_suffix", "Ends the path of the tokens."),
                Field.Flag("renewable", "Tokens may be renewed.", "true"),
                Field.TextList("bound_cidrs", "Use token_bound_cidrs.").Deprecated(),
                Field.Duration("explicit_max_ttl", "Use token_explicit_max_ttl.").Deprecated(),
                Field.Duration("period", "Use token_period.").Deprecated())
            .Takes([.. TokenTermsFields.All.Where(static f => f.Name is not ("token_policies" or "token_ttl" or "token_max_ttl"))])
            .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync)
            .ExistsWhen(static async c => await FindAsync(c, c.Capture("role_name")) is not null),
    ];

    /// <summary>A role of the namespace of a request to the token backend.</summary>
    public static async ValueTask<TokenRole?> FindAsync(RequestContext context, string name)
    {
        byte[]? stored = await context.Storage.GetAsync(Folder + name, context.Cancellation);
        return stored is null ? null : JsonSerializer.Deserialize(stored, TokenJson.Default.TokenRole) ?? throw new BarrierException(Folder + name);
    }

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await context.Storage.ListAsync(Folder, context.Cancellation, after, limit));
    }

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        if (await FindAsync(context, context.Capture("role_name")) is not { } role)
            return VaultResponse.NotFound();
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStrings("allowed_entity_aliases", role.AllowedEntityAliases);
            w.WriteStrings("allowed_policies", role.AllowedPolicies);
            w.WriteStrings("allowed_policies_glob", role.AllowedPoliciesGlob);
            w.WriteStrings("disallowed_policies", role.DisallowedPolicies);
            w.WriteStrings("disallowed_policies_glob", role.DisallowedPoliciesGlob);
            w.WriteSeconds("explicit_max_ttl", role.Terms.ExplicitMaxTtl);
            w.WriteString("name", role.Name);
            w.WriteBoolean("orphan", role.Orphan);
            w.WriteString("path_suffix", role.PathSuffix);
            w.WriteSeconds("period", role.Terms.Period);
            w.WriteBoolean("renewable", !role.IsNotRenewable);
            if (role.Terms.BoundCidrs.Count > 0)
                w.WriteStrings("token_bound_cidrs", role.Terms.BoundCidrs);
            w.WriteSeconds("token_explicit_max_ttl", role.Terms.ExplicitMaxTtl);
            w.WriteBoolean("token_no_default_policy", role.Terms.NoDefaultPolicy);
            if (role.Terms.NumUses > 0)
                w.WriteNumber("token_num_uses", role.Terms.NumUses);
            w.WriteSeconds("token_period", role.Terms.Period);
            w.WriteString("token_type", role.Terms.Type.Length == 0 ? "default-service" : role.Terms.Type);
        }));
    }

    private static async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        FieldReader fields = context.Fields;
        string name = context.Capture("role_name");
        TokenRole old = await FindAsync(context, name) ?? new TokenRole { Name = name };
        TokenRole role = old with
        {
            AllowedEntityAliases = fields.TextList("allowed_entity_aliases") ?? old.AllowedEntityAliases,
            AllowedPolicies = fields.TextList("allowed_policies") is { } allowed ? Assignable(allowed) : old.AllowedPolicies,
            AllowedPoliciesGlob = fields.TextList("allowed_policies_glob") is { } globs ? Lower(globs) : old.AllowedPoliciesGlob,
            DisallowedPolicies = fields.TextList("disallowed_policies") is { } disallowed ? Lower(disallowed) : old.DisallowedPolicies,
            DisallowedPoliciesGlob = fields.TextList("disallowed_policies_glob") is { } badGlobs ? Lower(badGlobs) : old.DisallowedPoliciesGlob,
            Orphan = fields.Flag("orphan") ?? old.Orphan,
            PathSuffix = fields.Text("path_suffix") is { } suffix ? Suffix(suffix) : old.PathSuffix,
            IsNotRenewable = fields.Flag("renewable") is { } renewable ? !renewable : old.IsNotRenewable,
            Terms = TokenTermsFields.Read(fields, old.Terms, withLegacyNames: true),
        };
        context.Storage.Put(Folder + name, JsonSerializer.SerializeToUtf8Bytes(role, TokenJson.Default.TokenRole));
        return VaultResponse.NoContent();
    }

    private static ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        context.Storage.Delete(Folder + context.Capture("role_name"));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static IReadOnlyList<string> Assignable(IReadOnlyList<string> names)
    {
        IReadOnlyList<string> policies = TokenPolicies.Canonical(names);
        return TokenPolicies.Unassignable(policies) is { } name
            ? throw RequestRefused.BadRequest($"'allowed_policies' cannot hold {name}: it is never given by a role")
            : policies;
    }

    // Patterns, and names that are only compared with: in lower case, as policy names are.
    private static string[] Lower(IReadOnlyList<string> names) => [.. names.Select(static n => n.ToLowerInvariant())];

    private static string Suffix(string text)
    {
        if (text.Contains("..", StringComparison.Ordinal))
            throw RequestRefused.BadRequest("error registering path suffix: cannot contain parent references");
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_' or '/' or ','))
                throw RequestRefused.BadRequest("given role path suffix contains invalid characters: use letters, digits, '.', '-', '_'");
        }
        return text;
    }
}
