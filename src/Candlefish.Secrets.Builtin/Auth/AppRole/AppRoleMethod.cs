using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>Machines that log in with a RoleID and a SecretID (Vault API: <c>auth/approle</c>).</summary>
/// <remarks>
/// Role names are canonical (see <see cref="AccountNames"/>). The text of a SecretID is in the answer that makes it and
/// nowhere else. Whatever is wrong about a login has one answer.
/// </remarks>
internal sealed class AppRoleMethod : IBackend, IChecksRenewal
{
    /// <summary>The type to mount.</summary>
    public const string Type = "approle";

    /// <summary>Member of <see cref="TokenEntry.InternalData"/>: see <see cref="RoleRecord.Uuid"/>.</summary>
    public const string RoleData = "role";

    private AppRoleMethod(BackendServices services)
    {
        var tidy = new AppRoleTidy(services.Time);
        Routes = new(
        [
            AppRoleLogin.Route(),
            .. new AppRoleRoles(tidy).Routes(),
            .. AppRoleSettings.Routes(),
            .. new AppRoleSecretIds(tidy, services.Limits).Routes(),
            .. AppRoleSecretIdHandles.Routes(),
            tidy.Route(),
        ]);
    }

    public RouteTable Routes { get; }

    public static IBackend Create(MountEntry entry, BackendServices services) => new AppRoleMethod(services);

    public ValueTask CreateAsync(Mount mount, BarrierView storage, CancellationToken cancellation)
    {
        AppRoleStorage.CreateKey(storage);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Refuses when the role is gone, or is another one of the same name. Policies stay those of the login, as in Vault.
    /// </summary>
    public async ValueTask<RenewalTerms> CheckRenewalAsync(TokenEntry token, RequestContext context)
    {
        string name = token.Metadata?.GetValueOrDefault("role_name") ?? "";
        if (await new AppRoleStorage(context.Storage, context.Cancellation).RoleAsync(name) is not { } role
            || token.InternalData?.GetValueOrDefault(RoleData) != role.Uuid)
            throw RequestRefused.BadRequest("the role of this token does not exist any more: log in again with another");
        return new RenewalTerms(role.Terms.Ttl, role.Terms.MaxTtl, role.Terms.Period, token.Policies);
    }
}
