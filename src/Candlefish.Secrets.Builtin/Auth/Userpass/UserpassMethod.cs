using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>Users with passwords (Vault API: <c>auth/userpass</c>).</summary>
/// <remarks>
/// Names are canonical (see <see cref="AccountNames"/>). A wrong password and an unknown user have the same answer, the same
/// cost and the same lock. A new password ends the tokens of the old one.
/// </remarks>
internal sealed class UserpassMethod : IBackend, IChecksRenewal, INamesAliases
{
    /// <summary>The type to mount.</summary>
    public const string Type = "userpass";

    /// <summary>Member of <see cref="TokenEntry.InternalData"/>: see <see cref="UserRecord.CredentialId"/>.</summary>
    public const string CredentialData = "credential";

    public RouteTable Routes { get; } = new(
    [
        UserpassLogin.Route(),
        .. UserpassUsers.Routes(),
    ]);

    public static IBackend Create(MountEntry entry, BackendServices services) => new UserpassMethod();

    /// <summary>An alias is called as the user is.</summary>
    public string CanonicalAlias(string name) =>
        AccountNames.TryCanonicalize(name, out string? canonical, out string? problem) ? canonical : throw RequestRefused.BadRequest(problem);

    public async ValueTask CreateAsync(Mount mount, BarrierView storage, CancellationToken cancellation)
    {
        byte[] unknown = RandomNumberGenerator.GetBytes(32);
        (bool isDone, string? dummy) = await HashingGate.Shared.RunAsync(() => PasswordHash.Create(PasswordHash.Best, unknown), cancellation);
        if (!isDone || dummy is null)
            throw new RequestRefused(429, "too many passwords are being checked: try again in a second");
        UserpassStorage.Put(storage, new HashingScheme { Dummy = dummy });
    }

    /// <summary>Refuses when the user is gone, is another one of the same name, or has another password.</summary>
    public async ValueTask<RenewalTerms> CheckRenewalAsync(TokenEntry token, RequestContext context)
    {
        string name = token.Metadata?.GetValueOrDefault("username") ?? "";
        if (await UserpassStorage.FindAsync(context.Storage, name, context.Cancellation) is not { } user
            || token.InternalData?.GetValueOrDefault(CredentialData) != user.CredentialId)
            throw RequestRefused.BadRequest("the user was deleted or has a new password since this token was made: log in again");
        return new RenewalTerms(user.Terms.Ttl, user.Terms.MaxTtl, user.Terms.Period, user.Terms.Policies);
    }
}
