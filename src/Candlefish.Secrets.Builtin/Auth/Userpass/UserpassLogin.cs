using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>Vault API: POST <c>auth/userpass/login/:username</c>.</summary>
internal static class UserpassLogin
{
    /// <summary>Longest password, in UTF-8 bytes.</summary>
    public const int MaxPasswordBytes = 4_096;

    public static Route Route() => Vault.Requests.Route.At("login/{username}", "Logs in with user name and password.")
        .Takes(Field.Text("password", "The password of the user.").Required())
        .Writes(LoginAsync).Unauthenticated(Operation.Create, Operation.Update);

    private static async ValueTask<VaultResponse> LoginAsync(RequestContext context)
    {
        byte[]? password = context.Fields.SecretText("password");
        if (password is not { Length: > 0 })
            return VaultResponse.BadRequest("missing password");
        try
        {
            return await LoginAsync(context, AccountNames.AtLogin(context.Capture("username")), password);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }

    private static async ValueTask<VaultResponse> LoginAsync(RequestContext context, string name, byte[] password)
    {
        HashingScheme scheme = await UserpassStorage.SchemeAsync(context.Storage, context.Cancellation);
        UserRecord? user = AccountNames.OrNull(name) is { } canonical
            ? await UserpassStorage.FindAsync(context.Storage, canonical, context.Cancellation)
            : null;
        LoginAttempt attempt = await LoginAttempt.BeginAsync(context, name, user is not null);
        if (attempt.IsLocked)
            return Denied.Permission();
        if (await IsProvenAsync(context, user?.PasswordHash ?? scheme.Dummy, password) is not { } isProven)
            return TooMany();
        if (user is null || !isProven)
            return attempt.Fail("invalid username or password");
        attempt.Succeed();
        return new VaultResponse
        {
            Login = new LoginResult
            {
                AliasName = name,
                DisplayName = name,
                Metadata = new Dictionary<string, string> { ["username"] = name },
                Policies = user.Terms.Policies,
                Terms = user.Terms,
                InternalData = new Dictionary<string, string> { [UserpassMethod.CredentialData] = user.CredentialId },
            },
        };
    }

    /// <summary>Costs one hash per request, however often the request is run. <see langword="null"/>: too many at once.</summary>
    private static async ValueTask<bool?> IsProvenAsync(RequestContext context, string hash, byte[] password)
    {
        if (context.Kept is Proof known && known.Hash == hash)
            return known.IsProven;
        bool fits = password.Length <= MaxPasswordBytes;
        (bool isDone, bool isProven) = await HashingGate.Shared.RunAsync(() => PasswordHash.Verify(hash, fits ? password : []), context.Cancellation);
        if (!isDone)
            return null;
        context.Kept = new Proof(hash, isProven && fits);
        return isProven && fits;
    }

    private static VaultResponse TooMany()
    {
        VaultResponse response = VaultResponse.Error(429, "too many logins at once: try again in a second");
        response.Headers = new Dictionary<string, string> { ["Retry-After"] = "1" };
        return response;
    }

    private sealed class Proof(string hash, bool isProven)
    {
        public string Hash { get; } = hash;

        public bool IsProven { get; } = isProven;
    }
}
