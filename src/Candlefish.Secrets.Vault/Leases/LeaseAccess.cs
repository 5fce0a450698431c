using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// Who may touch a lease by its id: the token that owns it, and whoever has <c>sudo</c> on the path. A leaked id alone
/// opens nothing, and never across namespaces (CVE-2026-45808, CVE-2026-55774).
/// </summary>
internal static class LeaseAccess
{
    /// <summary>Refuses an id that names another namespace than that of the request.</summary>
    /// <exception cref="RequestRefused">403.</exception>
    public static void Require(RequestContext context, string leaseId)
    {
        int dot = leaseId.AsSpan(leaseId.LastIndexOf('/') + 1).IndexOf('.');
        string ns = dot < 0 ? Namespace.Root.Id : leaseId[(leaseId.LastIndexOf('/') + 2 + dot)..];
        if (ns != context.Namespace.Id)
            throw Refused();
    }

    /// <exception cref="RequestRefused">403.</exception>
    public static void Require(RequestContext context, LeaseEntry lease)
    {
        bool isOwner = context.Token is { } token && LeaseStore.OwnerOf(token) == lease.TokenHash;
        if (lease.NamespaceId != context.Namespace.Id || !(isOwner || context.HasSudo))
            throw Refused();
    }

    private static RequestRefused Refused() => new(403, ErrorText.Many("permission denied"));
}
