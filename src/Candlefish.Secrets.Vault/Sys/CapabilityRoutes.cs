using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/capabilities*</c>: what a token may do on paths (Vault API). Computed by the same rules that decide requests.
/// </summary>
internal sealed class CapabilityRoutes(UnsealedVault vault)
{
    private static readonly Field[] Paths =
    [
        Field.TextList("paths", "Paths to ask about."),
        Field.TextList("path", "Older name of paths.").Deprecated(),
    ];

    public IEnumerable<Route> Routes() =>
    [
        Route.At("capabilities", "Shows what a token may do on paths.").Takes(Paths).Takes(Field.Text("token", "The token to ask about.").Required())
            .Writes(c => OfTokenAsync(c, c.Fields.RequiredText("token"))),
        Route.At("capabilities-self", "Shows what the caller may do on paths.").Takes(Paths).Takes(Field.Text("token", "Ignored: the caller's token is meant."))
            .Writes(SelfAsync),
        Route.At("capabilities-accessor", "Shows what the token of an accessor may do on paths.").Takes(Paths).Takes(Field.Text("accessor", "Accessor of the token.").Required())
            .Writes(OfAccessorAsync),
    ];

    private static ValueTask<VaultResponse> SelfAsync(RequestContext context) =>
        ValueTask.FromResult(context.Acl is { } acl ? Answer(context, acl) : Denied.InvalidToken());

    private async ValueTask<VaultResponse> OfTokenAsync(RequestContext context, string token) =>
        await vault.Tokens.FindAsync(token, context.Cancellation) is { } entry && entry.NamespaceId == context.Namespace.Id
            ? Answer(context, await AclOfAsync(context, entry))
            : VaultResponse.BadRequest("invalid token");

    private async ValueTask<VaultResponse> OfAccessorAsync(RequestContext context) =>
        await vault.Tokens.FindByAccessorAsync(context.Fields.RequiredText("accessor"), context.Cancellation) is { } entry && entry.NamespaceId == context.Namespace.Id
            ? Answer(context, await AclOfAsync(context, entry))
            : VaultResponse.BadRequest("invalid accessor");

    private async ValueTask<Acl> AclOfAsync(RequestContext context, TokenEntry token)
    {
        IdentityOfToken identity = await vault.Identity.OfTokenAsync(context.Namespace, token, context.Cancellation);
        return identity.IsDisabled ? Acl.Empty : await vault.Policies(context.Namespace).AclOfAsync(token, identity, context.Cancellation);
    }

    private static VaultResponse Answer(RequestContext context, Acl acl)
    {
        IReadOnlyList<string> paths = context.Fields.TextList("paths") ?? context.Fields.TextList("path") ?? [];
        if (paths.Count == 0)
            return VaultResponse.BadRequest("missing paths: name at least one path");
        foreach (string path in paths)
        {
            if (!CanonicalPath.TryParse(path, out _, out string error))
                return VaultResponse.BadRequest(error);
        }
        return new VaultResponse
        {
            Shape = ResponseShape.EnvelopeAndTopLevel,
            Data = JsonData.Object(w =>
            {
                foreach (string path in paths.Distinct(StringComparer.Ordinal))
                    w.WriteStrings(path, Names(context, acl, path));
                if (paths.Count == 1 && paths[0] != "capabilities")
                    w.WriteStrings("capabilities", Names(context, acl, paths[0]));
            }),
        };
    }

    private static IReadOnlyList<string> Names(RequestContext context, Acl acl, string path) =>
        acl.IsRoot ? ["root"] : CapabilityNames.Of(acl.CapabilitiesOf(path, context.Now));
}
