using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>Vault API: makes SecretIDs (random and chosen) and lists their accessors.</summary>
internal sealed class AppRoleSecretIds(AppRoleTidy tidy, SystemLimits limits)
{
    /// <summary>Longest chosen SecretID, in UTF-8 bytes.</summary>
    public const int MaxSecretIdBytes = 4_096;

    private static readonly Field[] Terms =
    [
        Field.TextList("cidr_list", "CIDR blocks that it may be used from, within those of the role."),
        Field.Text("metadata", "JSON map of texts that go to the metadata of the token."),
        Field.Whole("num_uses", "Logins; not more than the role says."),
        Field.TextList("token_bound_cidrs", "CIDR blocks of its tokens, within those of the role."),
        Field.Duration("ttl", "Life; not longer than the role says."),
    ];

    public IEnumerable<Route> Routes() =>
    [
        Route.At("role/{role_name}/secret-id", "Makes a SecretID; lists the accessors of all.")
            .Takes(Terms)
            .Writes(GenerateAsync).Lists(ListAsync),
        Route.At("role/{role_name}/custom-secret-id", "Takes a SecretID that the caller chose.")
            .Takes(Terms)
            .Takes(Field.Text("secret_id", "The chosen SecretID; at least as hard to guess as 128 random bits.").Required())
            .Writes(TakeChosenAsync),
    ];

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        RoleRecord role = await AppRoleRoles.RequireAsync(context);
        (string after, int limit) = context.Page();
        return VaultResponse.List(await new AppRoleStorage(context.Storage, context.Cancellation).AccessorsAsync(role, after, limit));
    }

    private ValueTask<VaultResponse> GenerateAsync(RequestContext context) => PutAsync(context, RandomText.Uuid());

    private ValueTask<VaultResponse> TakeChosenAsync(RequestContext context)
    {
        string chosen = context.Fields.RequiredText("secret_id");
        return Encoding.UTF8.GetByteCount(chosen) <= MaxSecretIdBytes
            ? PutAsync(context, chosen)
            : ValueTask.FromResult(VaultResponse.BadRequest($"'secret_id' is longer than {MaxSecretIdBytes} bytes: choose a shorter one"));
    }

    private async ValueTask<VaultResponse> PutAsync(RequestContext context, string text)
    {
        RoleRecord role = await AppRoleRoles.RequireAsync(context);
        if (!role.BindSecretId)
            return VaultResponse.BadRequest("bind_secret_id is not set on the role: it needs no SecretIDs");
        SecretIdRecord record = RecordOf(context, role);
        var storage = new AppRoleStorage(context.Storage, context.Cancellation);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        SecretIdKey key = await storage.KeyOfAsync(role, utf8);
        CryptographicOperations.ZeroMemory(utf8);
        if (await storage.SecretIdAsync(key) is { } existing)
        {
            if (!existing.IsExpired(context.Now))
                return VaultResponse.BadRequest("SecretID is already registered: choose another");
            storage.Delete(key, existing);
        }
        storage.Put(key, record);
        tidy.StartWhenDue(context);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteString("secret_id", text);
            w.WriteString("secret_id_accessor", record.Accessor);
            w.WriteNumber("secret_id_num_uses", record.UsesLeft);
            w.WriteSeconds("secret_id_ttl", record.Ttl);
        }));
    }

    private SecretIdRecord RecordOf(RequestContext context, RoleRecord role)
    {
        FieldReader fields = context.Fields;
        int uses = fields.Whole("num_uses", 0, int.MaxValue) ?? role.SecretIdNumUses;
        if (role.SecretIdNumUses > 0 && (uses == 0 || uses > role.SecretIdNumUses))
            throw RequestRefused.BadRequest("num_uses cannot be higher than the role's secret_id_num_uses");
        TimeSpan ttl = fields.Ttl("ttl") ?? role.SecretIdTtl;
        if (role.SecretIdTtl > TimeSpan.Zero && (ttl == TimeSpan.Zero || ttl > role.SecretIdTtl))
            throw RequestRefused.BadRequest("ttl cannot be longer than the role's secret_id_ttl");
        TimeSpan max = context.Mount.MaxTtl(limits);
        ttl = ttl > max ? max : ttl;
        return new SecretIdRecord
        {
            Accessor = RandomText.Uuid(),
            CreationTime = context.Now,
            LastUpdatedTime = context.Now,
            ExpirationTime = ttl > TimeSpan.Zero ? context.Now + ttl : null,
            Ttl = ttl,
            UsesLeft = uses,
            Metadata = fields.Map("metadata") ?? new Dictionary<string, string>(),
            CidrList = Within(fields, "cidr_list", role.SecretIdBoundCidrs, "secret_id_bound_cidrs"),
            TokenBoundCidrs = Within(fields, "token_bound_cidrs", role.Terms.BoundCidrs, "token_bound_cidrs"),
        };
    }

    private static IReadOnlyList<string> Within(FieldReader fields, string name, IReadOnlyList<string> outer, string outerName)
    {
        IReadOnlyList<string> blocks = TokenTermsFields.Cidrs(fields.TextList(name) ?? []);
        return CidrBlock.AreWithin(blocks, outer)
            ? blocks
            : throw RequestRefused.BadRequest($"{name} must be a subset of the role's {outerName}");
    }
}
