using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>
/// Vault API: the routes of <c>auth/approle/role/:name/…</c> that read, set and reset one setting each, so that a policy can
/// grant one of them.
/// </summary>
internal static class AppRoleSettings
{
    private static readonly RoleRecord Unset = new() { Uuid = "", Name = "", RoleId = "" };

    private static readonly Setting[] All =
    [
        new("bind-secret-id", "whether logins need a SecretID",
            [Field.Flag("bind_secret_id", "Logins need a SecretID.", "true")],
            static (w, r) => w.WriteBoolean("bind_secret_id", r.BindSecretId),
            static (f, _, r) => r with { BindSecretId = f.Flag("bind_secret_id") ?? true }, HasDefault: true),
        new("bound-cidr-list", "where logins may come from (older name)",
            [Field.TextList("bound_cidr_list", "CIDR blocks that logins may come from; empty = everywhere.")],
            static (w, r) => w.WriteStrings("bound_cidr_list", r.SecretIdBoundCidrs),
            static (f, _, r) => r with { SecretIdBoundCidrs = TokenTermsFields.Cidrs(f.TextList("bound_cidr_list") ?? []) }),
        new("period", "the period of tokens",
            [Field.Duration("token_period", "Every renewal gives this life again; 0 = not periodic."), Field.Duration("period", "Use token_period.").Deprecated()],
            static (w, r) =>
            {
                w.WriteSeconds("period", r.Terms.Period);
                w.WriteSeconds("token_period", r.Terms.Period);
            },
            static (_, sent, r) => r with { Terms = r.Terms with { Period = sent.Period } }),
        new("policies", "the policies of tokens",
            [Field.TextList("token_policies", "Policies of the token."), Field.TextList("policies", "Use token_policies.").Deprecated()],
            static (w, r) =>
            {
                w.WriteStrings("policies", r.Terms.Policies);
                w.WriteStrings("token_policies", r.Terms.Policies);
            },
            static (_, sent, r) => r with { Terms = r.Terms with { Policies = sent.Policies } }),
        new("secret-id-bound-cidrs", "where logins may come from",
            [Field.TextList("secret_id_bound_cidrs", "CIDR blocks that logins may come from; empty = everywhere.")],
            static (w, r) => w.WriteStrings("secret_id_bound_cidrs", r.SecretIdBoundCidrs),
            static (f, _, r) => r with { SecretIdBoundCidrs = TokenTermsFields.Cidrs(f.TextList("secret_id_bound_cidrs") ?? []) }),
        new("secret-id-num-uses", "the logins per SecretID",
            [Field.Whole("secret_id_num_uses", "Logins per SecretID; 0 = unlimited.")],
            static (w, r) => w.WriteNumber("secret_id_num_uses", r.SecretIdNumUses),
            static (f, _, r) => r with { SecretIdNumUses = f.Whole("secret_id_num_uses", 0, int.MaxValue) ?? 0 }),
        new("secret-id-ttl", "the life of SecretIDs",
            [Field.Duration("secret_id_ttl", "Life of a SecretID; 0 = unlimited.")],
            static (w, r) => w.WriteSeconds("secret_id_ttl", r.SecretIdTtl),
            static (f, _, r) => r with { SecretIdTtl = f.Ttl("secret_id_ttl") ?? TimeSpan.Zero }),
        new("token-bound-cidrs", "where tokens may be used",
            [Field.TextList("token_bound_cidrs", "CIDR blocks that may log in and use the token; empty = everywhere.")],
            static (w, r) => w.WriteStrings("token_bound_cidrs", r.Terms.BoundCidrs),
            static (_, sent, r) => r with { Terms = r.Terms with { BoundCidrs = sent.BoundCidrs } }),
        new("token-max-ttl", "the longest life of tokens",
            [Field.Duration("token_max_ttl", "Longest life of the token by renewal; 0 = the mount's.")],
            static (w, r) => w.WriteSeconds("token_max_ttl", r.Terms.MaxTtl),
            static (_, sent, r) => r with { Terms = r.Terms with { MaxTtl = sent.MaxTtl } }),
        new("token-num-uses", "the uses of tokens",
            [Field.Whole("token_num_uses", "Requests that the token serves; 0 = unlimited.")],
            static (w, r) => w.WriteNumber("token_num_uses", r.Terms.NumUses),
            static (_, sent, r) => r with { Terms = r.Terms with { NumUses = sent.NumUses } }),
        new("token-ttl", "the first life of tokens",
            [Field.Duration("token_ttl", "First life of the token; 0 = the mount's.")],
            static (w, r) => w.WriteSeconds("token_ttl", r.Terms.Ttl),
            static (_, sent, r) => r with { Terms = r.Terms with { Ttl = sent.Ttl } }),
    ];

    public static IEnumerable<Route> Routes() =>
    [
        .. All.Select(RouteOf),
        Route.At("role/{role_name}/local-secret-ids", "Reads whether SecretIDs are replicated.")
            .Reads(static async c =>
            {
                RoleRecord role = await AppRoleRoles.RequireAsync(c);
                return VaultResponse.Ok(JsonData.Object(w => w.WriteBoolean("local_secret_ids", role.LocalSecretIds)));
            }),
    ];

    private static Route RouteOf(Setting setting) => Route.At($"role/{{role_name}}/{setting.Name}", $"Reads, sets and resets {setting.What}.")
        .Takes(setting.Fields)
        .Reads(async context =>
        {
            RoleRecord role = await AppRoleRoles.RequireAsync(context);
            return VaultResponse.Ok(JsonData.Object(w => setting.Show(w, role)));
        })
        .Writes(async context =>
        {
            RoleRecord role = await AppRoleRoles.RequireAsync(context);
            FieldReader fields = context.Fields;
            if (!setting.HasDefault && !setting.Fields.Any(f => fields.Has(f.Name)))
                return VaultResponse.BadRequest($"missing {setting.Fields[0].Name}");
            TokenTerms sent = TokenTermsFields.Read(fields, role.Terms, legacyNames: [.. setting.Fields.Where(f => f.IsDeprecated).Select(f => f.Name)]);
            return await AppRoleRoles.PutAsync(context, setting.Set(fields, sent, role), role);
        })
        .Deletes(async context =>
        {
            RoleRecord role = await AppRoleRoles.RequireAsync(context);
            return await AppRoleRoles.PutAsync(context, setting.Set(new FieldReader(context.Match, RequestData.Empty), Unset.Terms, role), role);
        });

    /// <param name="Name">Last segment of the path.</param>
    /// <param name="What">Ends the sentence that describes the route.</param>
    /// <param name="Set">Takes this one setting from what was sent, or from nothing: then it is reset.</param>
    /// <param name="HasDefault">A write that does not name it sets the default.</param>
    private sealed record Setting(
        string Name,
        string What,
        Field[] Fields,
        Action<Utf8JsonWriter, RoleRecord> Show,
        Func<FieldReader, TokenTerms, RoleRecord, RoleRecord> Set,
        bool HasDefault = false);
}
