using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>The <c>identity/</c> mount (Vault API: Identity). Each resource is one file of this folder.</summary>
internal sealed class IdentityBackend(UnsealedVault vault) : IBackend
{
    public RouteTable Routes { get; } = new(
    [
        .. new EntityRoutes(vault).Routes(),
        .. new EntityMerge(vault).Routes(),
        .. new EntityAliasRoutes(vault).Routes(),
        .. new GroupRoutes(vault).Routes(),
        .. new GroupAliasRoutes(vault).Routes(),
        .. new LookupRoutes(vault).Routes(),
    ]);

    internal static IdentityRecords Records(UnsealedVault vault, RequestContext context) =>
        vault.Identity.In(context.Transaction, context.Namespace, context.Cancellation);

    /// <summary>The policies that the request gives, canonical; <paramref name="current"/> when it gives none.</summary>
    /// <exception cref="RequestRefused">400: one is <c>root</c>, in whatever spelling, or no name of a policy.</exception>
    internal static IReadOnlyList<string> Policies(FieldReader fields, IReadOnlyList<string> current)
    {
        if (fields.TextList("policies") is not { } given)
            return current;
        IReadOnlyList<string> policies = TokenPolicies.Canonical(given);
        return TokenPolicies.Unassignable(policies) switch
        {
            null => policies,
            PolicyNames.Root => throw RequestRefused.BadRequest("policies cannot contain root"),
            { } name => throw RequestRefused.BadRequest($"cannot assign policy \"{name}\""),
        };
    }

    internal static IReadOnlyDictionary<string, string>? Metadata(FieldReader fields, string field, IReadOnlyDictionary<string, string>? current) =>
        fields.Map(field) is { } given ? IdentityNames.Metadata(field, given) : current;

    /// <summary>
    /// A name that the path spells in another letter case than the one that is stored needs the right to the path of the
    /// stored one as well. A name that nothing has yet is stored as it was sent; decided is also its folded form.
    /// </summary>
    /// <param name="kind"><c>entity</c> or <c>group</c>.</param>
    /// <exception cref="RequestRefused">403.</exception>
    internal static void RequireRightAtName(RequestContext context, string kind, string stored)
    {
        if (context.Match.Capture("name") is { } sent && sent != stored && !context.IsAllowedAt($"{context.Mount.RoutePrefix}{kind}/name/{stored}"))
            throw new RequestRefused(403, ErrorText.Many("permission denied"));
    }

    /// <summary>
    /// The caller may also update this entity or group itself. Whoever moves an alias to it changes who it is: the right to
    /// write aliases is not enough.
    /// </summary>
    /// <param name="kind"><c>entity</c> or <c>group</c>.</param>
    internal static bool MayUpdate(RequestContext context, string kind, string id, string name)
    {
        foreach (string path in (string[])[$"{kind}/id/{id}", $"{kind}/name/{name}"])
        {
            var asked = new AclRequest { Operation = Operation.Update, Path = context.Mount.RoutePrefix + path, Now = context.Now };
            if (context.Acl is { } acl && acl.Decide(asked).IsAllowed)
                return true;
        }
        return false;
    }
}
