using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>Vault API: <c>auth/userpass/users</c>, a user's password and policies.</summary>
internal static class UserpassUsers
{
    private static readonly string[] LegacyNames = ["bound_cidrs", "max_ttl", "policies", "ttl"];

    private static readonly Field Password = Field.Text("password", "The password of the user.");

    public static IEnumerable<Route> Routes() =>
    [
        Route.At("users", "Lists the users.").Lists(ListAsync),
        Route.At("users/{username}", "Reads, writes and deletes a user.")
            .Takes(Password)
            .Takes([.. TokenTermsFields.All, .. TokenTermsFields.Legacy.Where(static f => LegacyNames.Contains(f.Name))])
            .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync).ExistsWhen(ExistsAsync),
        Route.At("users/{username}/password", "Gives a user a new password; tokens of the old one end.")
            .Takes(Password.Required())
            .Writes(SetPasswordAsync),
        Route.At("users/{username}/policies", "Sets the policies of a user.")
            .Takes(Field.TextList("token_policies", "Policies of the token."), Field.TextList("policies", "Use token_policies.").Deprecated())
            .Writes(SetPoliciesAsync),
    ];

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await context.Storage.ListAsync(UserpassStorage.Users, context.Cancellation, after, limit));
    }

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "username");
        if (await UserpassStorage.FindAsync(context.Storage, name, context.Cancellation) is not { } user)
            return VaultResponse.NotFound();
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            // The older names appear beside the newer ones when they say something.
            if (user.Terms.BoundCidrs.Count > 0)
                w.WriteStrings("bound_cidrs", user.Terms.BoundCidrs);
            if (user.Terms.MaxTtl > TimeSpan.Zero)
                w.WriteSeconds("max_ttl", user.Terms.MaxTtl);
            if (user.Terms.Policies.Count > 0)
                w.WriteStrings("policies", user.Terms.Policies);
            TokenTermsFields.Write(w, user.Terms);
            if (user.Terms.Ttl > TimeSpan.Zero)
                w.WriteSeconds("ttl", user.Terms.Ttl);
        }));
    }

    private static async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "username");
        UserRecord? old = await UserpassStorage.FindAsync(context.Storage, name, context.Cancellation);
        TokenTerms terms = TokenTermsFields.Read(context.Fields, old?.Terms ?? new TokenTerms(), legacyNames: LegacyNames);
        if (!context.Fields.Has("password"))
        {
            if (old is null)
                return VaultResponse.BadRequest("missing password: a new user needs one");
            UserpassStorage.Put(context.Storage, name, old with { Terms = terms });
            return VaultResponse.NoContent();
        }
        return await PutWithPasswordAsync(context, name, old, terms);
    }

    private static async ValueTask<VaultResponse> SetPasswordAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "username");
        return await UserpassStorage.FindAsync(context.Storage, name, context.Cancellation) is { } user
            ? await PutWithPasswordAsync(context, name, user, user.Terms)
            : VaultResponse.BadRequest("username does not exist");
    }

    private static async ValueTask<VaultResponse> SetPoliciesAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "username");
        if (await UserpassStorage.FindAsync(context.Storage, name, context.Cancellation) is not { } user)
            return VaultResponse.BadRequest("username does not exist");
        TokenTerms terms = TokenTermsFields.Read(context.Fields, user.Terms, legacyNames: ["policies"]);
        UserpassStorage.Put(context.Storage, name, user with { Terms = user.Terms with { Policies = terms.Policies } });
        return VaultResponse.NoContent();
    }

    private static async ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        string name = AccountNames.InPath(context, "username");
        if (await UserpassStorage.FindAsync(context.Storage, name, context.Cancellation) is not { } user)
            return VaultResponse.NoContent();
        context.Storage.Delete(UserpassStorage.Users + name);
        EndLogins(context, user);
        return VaultResponse.NoContent();
    }

    private static async ValueTask<bool> ExistsAsync(RequestContext context) =>
        AccountNames.OrNull(context.Capture("username")) is { } name
        && await UserpassStorage.FindAsync(context.Storage, name, context.Cancellation) is not null;

    private static async ValueTask<VaultResponse> PutWithPasswordAsync(RequestContext context, string name, UserRecord? old, TokenTerms terms)
    {
        byte[] password = context.Fields.SecretText("password") ?? [];
        try
        {
            if (password.Length is 0 or > UserpassLogin.MaxPasswordBytes)
                return VaultResponse.BadRequest($"missing password: give one of 1 to {UserpassLogin.MaxPasswordBytes} bytes");
            HashingScheme scheme = await UserpassStorage.SchemeAsync(context.Storage, context.Cancellation);
            PasswordAlgorithm algorithm = PasswordHash.AlgorithmOf(scheme.Dummy);
            if (context.Kept is not string hash)
            {
                (bool isDone, string? computed) = await HashingGate.Shared.RunAsync(() => PasswordHash.Create(algorithm, password), context.Cancellation);
                if (!isDone || computed is null)
                    return VaultResponse.Error(429, "too many passwords are being checked: try again in a second");
                context.Kept = hash = computed;
            }
            UserpassStorage.Put(context.Storage, name, new UserRecord { PasswordHash = hash, CredentialId = RandomText.Uuid(), Terms = terms, Extra = old?.Extra });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
        if (old is not null)
            EndLogins(context, old);
        return VaultResponse.NoContent();
    }

    private static void EndLogins(RequestContext context, UserRecord user) =>
        context.EndLogins(token => token.InternalData?.GetValueOrDefault(UserpassMethod.CredentialData) == user.CredentialId);
}
