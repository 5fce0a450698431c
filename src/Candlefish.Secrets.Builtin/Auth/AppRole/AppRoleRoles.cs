using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>Vault API: <c>auth/approle/role</c> and a role's RoleID.</summary>
internal sealed class AppRoleRoles(AppRoleTidy tidy)
{
    public const int MaxRoleIdLength = 256;

    private static readonly string[] LegacyNames = ["period", "policies"];

    private static readonly Field RoleId = Field.Text("role_id", "Name of the role at login; random when not given.");

    public IEnumerable<Route> Routes() =>
    [
        Route.At("role", "Lists the roles.").Lists(ListAsync),
        Route.At("role/{role_name}", "Reads, writes and deletes a role.")
            .Takes(
                Field.Flag("bind_secret_id", "Logins need a SecretID.", "true"),
                Field.TextList("bound_cidr_list", "Use secret_id_bound_cidrs.").Deprecated(),
                Field.Flag("local_secret_ids", "SecretIDs are not replicated; only when the role is made.", "false"),
                RoleId,
                Field.TextList("secret_id_bound_cidrs", "CIDR blocks that logins may come from; empty = everywhere."),
                Field.Whole("secret_id_num_uses", "Logins per SecretID; 0 = unlimited.", "0"),
                Field.Duration("secret_id_ttl", "Life of a SecretID; 0 = unlimited.", "0"))
            .Takes([.. TokenTermsFields.All, .. TokenTermsFields.Legacy.Where(static f => LegacyNames.Contains(f.Name))])
            .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync).ExistsWhen(ExistsAsync),
        Route.At("role/{role_name}/role-id", "Reads and sets the RoleID of a role.")
            .Takes(RoleId.Required())
            .Reads(ReadRoleIdAsync).Writes(WriteRoleIdAsync),
    ];

    /// <summary>The role of the path; 404 for reads, 400 for writes when there is none.</summary>
    public static async ValueTask<RoleRecord> RequireAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "role_name");
        return await new AppRoleStorage(context.Storage, context.Cancellation).RoleAsync(name)
            ?? throw new RequestRefused(context.Operation is Operation.Create or Operation.Update ? 400 : 404, "the role does not exist: create it first");
    }

    /// <summary>Checks what the parts of a role allow together, and stores it.</summary>
    public static async ValueTask<VaultResponse> PutAsync(RequestContext context, RoleRecord role, RoleRecord? old)
    {
        if (!role.BindSecretId && role.SecretIdBoundCidrs.Count == 0 && role.Terms.BoundCidrs.Count == 0)
            return VaultResponse.BadRequest("at least one constraint should be enabled on the role: bind_secret_id, secret_id_bound_cidrs or token_bound_cidrs");
        var storage = new AppRoleStorage(context.Storage, context.Cancellation);
        if (role.RoleId != old?.RoleId && await storage.RoleOfIdAsync(role.RoleId) is not null)
            return VaultResponse.BadRequest("'role_id' is already in use by another role: choose another");
        // Read with nothing sent checks the terms once more, for routes that change one of them.
        _ = TokenTermsFields.Read(new FieldReader(context.Match, RequestData.Empty), role.Terms);
        await storage.PutAsync(role, old);
        return VaultResponse.NoContent();
    }

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await context.Storage.ListAsync(AppRoleStorage.Roles, context.Cancellation, after, limit));
    }

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "role_name");
        if (await new AppRoleStorage(context.Storage, context.Cancellation).RoleAsync(name) is not { } role)
            return VaultResponse.NotFound();
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteBoolean("bind_secret_id", role.BindSecretId);
            w.WriteBoolean("local_secret_ids", role.LocalSecretIds);
            if (role.Terms.Period > TimeSpan.Zero)
                w.WriteSeconds("period", role.Terms.Period);
            if (role.Terms.Policies.Count > 0)
                w.WriteStrings("policies", role.Terms.Policies);
            w.WriteStrings("secret_id_bound_cidrs", role.SecretIdBoundCidrs);
            w.WriteNumber("secret_id_num_uses", role.SecretIdNumUses);
            w.WriteSeconds("secret_id_ttl", role.SecretIdTtl);
            TokenTermsFields.Write(w, role.Terms);
        }));
    }

    private static async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "role_name");
        FieldReader fields = context.Fields;
        RoleRecord? old = await new AppRoleStorage(context.Storage, context.Cancellation).RoleAsync(name);
        if (old is not null && fields.Flag("local_secret_ids") is { } local && local != old.LocalSecretIds)
            return VaultResponse.BadRequest("local_secret_ids can only be modified during role creation");
        RoleRecord role = old ?? new RoleRecord { Uuid = RandomText.Uuid(), Name = name, RoleId = "", LocalSecretIds = fields.Flag("local_secret_ids") ?? false };
        string cidrs = fields.Has("secret_id_bound_cidrs") ? "secret_id_bound_cidrs" : "bound_cidr_list";
        return await PutAsync(context, role with
        {
            RoleId = fields.Has("role_id") ? RoleIdOf(fields) : old?.RoleId ?? RandomText.Uuid(),
            BindSecretId = fields.Flag("bind_secret_id") ?? role.BindSecretId,
            SecretIdBoundCidrs = fields.TextList(cidrs) is { } blocks ? TokenTermsFields.Cidrs(blocks) : role.SecretIdBoundCidrs,
            SecretIdNumUses = fields.Whole("secret_id_num_uses", 0, int.MaxValue) ?? role.SecretIdNumUses,
            SecretIdTtl = fields.Ttl("secret_id_ttl") ?? role.SecretIdTtl,
            Terms = TokenTermsFields.Read(fields, role.Terms, legacyNames: LegacyNames),
        }, old);
    }

    private async ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "role_name");
        var storage = new AppRoleStorage(context.Storage, context.Cancellation);
        if (await storage.RoleAsync(name) is not { } role)
            return VaultResponse.NoContent();
        await storage.DeleteAsync(role);
        tidy.RemoveLeftovers(context, role);
        return VaultResponse.NoContent();
    }

    private static async ValueTask<bool> ExistsAsync(RequestContext context) =>
        AccountNames.OrNull(context.Capture("role_name")) is { } name
        && await new AppRoleStorage(context.Storage, context.Cancellation).RoleAsync(name) is not null;

    private static async ValueTask<VaultResponse> ReadRoleIdAsync(RequestContext context)
    {
        RoleRecord role = await RequireAsync(context);
        return VaultResponse.Ok(JsonData.Object(w => w.WriteString("role_id", role.RoleId)));
    }

    private static async ValueTask<VaultResponse> WriteRoleIdAsync(RequestContext context)
    {
        RoleRecord role = await RequireAsync(context);
        return await PutAsync(context, role with { RoleId = RoleIdOf(context.Fields) }, role);
    }

    /// <summary>Compared as sent at login, so its characters must have one spelling.</summary>
    private static string RoleIdOf(FieldReader fields)
    {
        string id = fields.RequiredText("role_id");
        return id.Length <= MaxRoleIdLength && !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id
            : throw RequestRefused.BadRequest($"'role_id' must be 1 to {MaxRoleIdLength} printable characters of ASCII without spaces");
    }
}
