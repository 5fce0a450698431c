using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>Vault API: POST <c>auth/approle/login</c>.</summary>
internal static class AppRoleLogin
{
    public static Route Route() => Vault.Requests.Route.At("login", "Logs in with a RoleID and a SecretID.")
        .Takes(
            Field.Text("role_id", "The RoleID of the role.").Required(),
            Field.Text("secret_id", "A SecretID of the role, unless the role has bind_secret_id=false."))
        .Writes(LoginAsync).Unauthenticated(Operation.Create, Operation.Update);

    private static async ValueTask<VaultResponse> LoginAsync(RequestContext context)
    {
        if (context.Fields.Text("role_id") is not { Length: > 0 } roleId)
            return VaultResponse.BadRequest("missing role_id");
        byte[] secretId = context.Fields.SecretText("secret_id") ?? [];
        try
        {
            return await LoginAsync(context, roleId, secretId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secretId);
        }
    }

    private static async ValueTask<VaultResponse> LoginAsync(RequestContext context, string roleId, byte[] secretId)
    {
        var storage = new AppRoleStorage(context.Storage, context.Cancellation);
        RoleRecord? role = await storage.RoleOfIdAsync(roleId);
        // A RoleID that does not exist is asked for a SecretID like one that does.
        if (secretId.Length == 0 && role is not { BindSecretId: false })
            return VaultResponse.BadRequest("missing secret_id");
        LoginAttempt attempt = await LoginAttempt.BeginAsync(context, roleId, role is not null);
        if (attempt.IsLocked)
            return Denied.Permission();
        SecretIdKey key = await storage.KeyOfAsync(role, secretId);
        SecretIdRecord? found = await storage.SecretIdAsync(key);
        if (role is null || !IsProven(context, role, found))
            return attempt.Fail("invalid role or secret ID");
        attempt.Succeed();
        if (!role.BindSecretId)
            found = null;
        if (found is not null)
            TakeUse(context, storage, key, found);
        return new VaultResponse { Login = ResultOf(role, found) };
    }

    private static bool IsProven(RequestContext context, RoleRecord role, SecretIdRecord? found)
    {
        if (!CidrBlock.AllowsAll(role.SecretIdBoundCidrs, context.Request.RemoteAddress))
            return false;
        return !role.BindSecretId
            || (found is not null && !found.IsExpired(context.Now) && CidrBlock.AllowsAll(found.CidrList, context.Request.RemoteAddress));
    }

    /// <summary>In the transaction of the login: of two logins with the last use, one commits.</summary>
    private static void TakeUse(RequestContext context, AppRoleStorage storage, SecretIdKey key, SecretIdRecord found)
    {
        if (found.UsesLeft == 1)
            storage.Delete(key, found);
        else if (found.UsesLeft > 1)
            storage.Put(key, found with { UsesLeft = found.UsesLeft - 1, LastUpdatedTime = context.Now });
    }

    private static LoginResult ResultOf(RoleRecord role, SecretIdRecord? secretId)
    {
        var metadata = new Dictionary<string, string>(secretId?.Metadata ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["role_name"] = role.Name,
        };
        return new LoginResult
        {
            AliasName = role.RoleId,
            AliasMetadata = new Dictionary<string, string> { ["role_name"] = role.Name },
            DisplayName = "",
            Metadata = metadata,
            Policies = role.Terms.Policies,
            Terms = role.Terms with { BoundCidrs = TokenBounds(role, secretId) },
            InternalData = new Dictionary<string, string> { [AppRoleMethod.RoleData] = role.Uuid },
        };
    }

    /// <summary>Those of the SecretID, as long as they lie within those that the role has now.</summary>
    private static IReadOnlyList<string> TokenBounds(RoleRecord role, SecretIdRecord? secretId) =>
        secretId is { TokenBoundCidrs: { Count: > 0 } own } && CidrBlock.AreWithin(own, role.Terms.BoundCidrs) ? own : role.Terms.BoundCidrs;
}
