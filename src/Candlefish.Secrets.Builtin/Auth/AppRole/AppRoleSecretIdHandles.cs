using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>Vault API: looks up and destroys a SecretID, by its text or by its accessor.</summary>
internal static class AppRoleSecretIdHandles
{
    /// <summary>How the API spells "never".</summary>
    private const string Never = "0001-01-01T00:00:00Z";

    private static readonly Field SecretId = Field.Text("secret_id", "The SecretID.").Required();
    private static readonly Field Accessor = Field.Text("secret_id_accessor", "The accessor of the SecretID.").Required();

    public static IEnumerable<Route> Routes() =>
    [
        Route.At("role/{role_name}/secret-id/lookup", "Shows the terms of a SecretID.").Takes(SecretId)
            .Writes(static c => LookUpAsync(c, BySecretIdAsync, NothingFound)),
        Route.At("role/{role_name}/secret-id/destroy", "Destroys a SecretID.").Takes(SecretId)
            .Writes(static c => DestroyAsync(c, BySecretIdAsync, NothingFound))
            .Deletes(static c => DestroyAsync(c, BySecretIdAsync, NothingFound)),
        Route.At("role/{role_name}/secret-id-accessor/lookup", "Shows the terms of the SecretID of an accessor.").Takes(Accessor)
            .Writes(static c => LookUpAsync(c, ByAccessorAsync, NoSuchAccessor)),
        Route.At("role/{role_name}/secret-id-accessor/destroy", "Destroys the SecretID of an accessor.").Takes(Accessor)
            .Writes(static c => DestroyAsync(c, ByAccessorAsync, NoSuchAccessor))
            .Deletes(static c => DestroyAsync(c, ByAccessorAsync, NoSuchAccessor)),
    ];

    private static VaultResponse NothingFound() => VaultResponse.NoContent();

    /// <summary>Also for the accessor of another role.</summary>
    private static VaultResponse NoSuchAccessor() => VaultResponse.Error(404, "failed to find accessor entry for secret_id_accessor");

    private static async ValueTask<VaultResponse> LookUpAsync(RequestContext context, Finder find, Func<VaultResponse> none)
    {
        var storage = new AppRoleStorage(context.Storage, context.Cancellation);
        if (await find(context, storage) is not { } key || await storage.SecretIdAsync(key) is not { } found || found.IsExpired(context.Now))
            return none();
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStrings("cidr_list", found.CidrList);
            w.WriteTime("creation_time", found.CreationTime);
            w.WriteString("expiration_time", found.ExpirationTime is { } end ? WireTime.Format(end) : Never);
            w.WriteTime("last_updated_time", found.LastUpdatedTime);
            w.WriteMap("metadata", found.Metadata);
            w.WriteString("secret_id_accessor", found.Accessor);
            w.WriteNumber("secret_id_num_uses", found.UsesLeft);
            w.WriteSeconds("secret_id_ttl", found.Ttl);
            w.WriteStrings("token_bound_cidrs", found.TokenBoundCidrs);
        }));
    }

    private static async ValueTask<VaultResponse> DestroyAsync(RequestContext context, Finder find, Func<VaultResponse> none)
    {
        var storage = new AppRoleStorage(context.Storage, context.Cancellation);
        if (await find(context, storage) is not { } key || await storage.SecretIdAsync(key) is not { } found)
            return none();
        storage.Delete(key, found);
        return VaultResponse.NoContent();
    }

    private static async ValueTask<SecretIdKey?> BySecretIdAsync(RequestContext context, AppRoleStorage storage)
    {
        RoleRecord role = await AppRoleRoles.RequireAsync(context);
        byte[]? text = context.Fields.SecretText("secret_id");
        if (text is not { Length: > 0 })
            throw RequestRefused.BadRequest("missing secret_id");
        SecretIdKey key = await storage.KeyOfAsync(role, text);
        CryptographicOperations.ZeroMemory(text);
        return key;
    }

    private static async ValueTask<SecretIdKey?> ByAccessorAsync(RequestContext context, AppRoleStorage storage)
    {
        RoleRecord role = await AppRoleRoles.RequireAsync(context);
        return await storage.KeyOfAccessorAsync(role, context.Fields.RequiredText("secret_id_accessor"));
    }

    private delegate ValueTask<SecretIdKey?> Finder(RequestContext context, AppRoleStorage storage);
}
