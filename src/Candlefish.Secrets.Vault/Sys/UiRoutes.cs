using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/internal/ui</c>: what clients ask before they act. The KV commands of every client learn the engine version here
/// (Vault API: internal/ui/mounts).
/// </summary>
internal sealed class UiRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("internal/ui/mounts", "Lists the mounts that the caller may know of.").Reads(ListAsync).Unauthenticated(),
        Route.At("internal/ui/mounts/{path*}", "Shows the mount that serves a path.").Reads(ReadAsync).Unauthenticated(),
        Route.At("internal/ui/namespaces", "Lists the namespaces that the caller may know of.").Reads(_ => Empty()).Unauthenticated(),
        Route.At("internal/ui/feature-flags", "Lists feature flags: there are none.").Reads(_ => Flags()),
        Route.At("internal/ui/resultant-acl", "Shows the rights of the caller's token.").Reads(ResultantAclAsync),
    ];

    private ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        MountTable table = vault.Mounts(context.Namespace);
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w =>
        {
            foreach (MountClass @class in Enum.GetValues<MountClass>())
            {
                w.WriteStartObject(@class == MountClass.Auth ? "auth" : "secret");
                foreach (Mount mount in table.Of(@class).Where(m => MayKnow(context, m)))
                {
                    w.WriteStartObject(mount.Entry.Path);
                    w.WriteMount(mount);
                    w.WriteEndObject();
                }
                w.WriteEndObject();
            }
        })));
    }

    private ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string path = context.Capture("path").TrimEnd('/');
        Mount? mount = vault.Mounts(context.Namespace).Router.Find(path + "/");
        if (mount is null || !MayKnow(context, mount))
        {
            // The same answer whether the mount is missing or hidden: nobody learns which.
            return ValueTask.FromResult(VaultResponse.Error(403, $"preflight capability check returned 403, please ensure client's policies grant access to path \"{path}/\""));
        }
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteMount(mount);
            w.WriteString("path", mount.RoutePrefix);
        })));
    }

    private static bool MayKnow(RequestContext context, Mount mount) =>
        mount.Entry.Config.ListingVisibility == "unauth" || (context.Acl is { } acl && acl.ReachesInto(mount.RoutePrefix, context.Now));

    private ValueTask<VaultResponse> ResultantAclAsync(RequestContext context)
    {
        _ = vault;
        if (context.Acl is not { } acl)
            return ValueTask.FromResult(Denied.InvalidToken());
        AclRules rules = acl.Rules(context.Now);
        return ValueTask.FromResult(VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteBoolean("root", rules.Root);
            WritePaths("exact_paths", rules.ExactPaths);
            WritePaths("glob_paths", rules.GlobPaths);

            void WritePaths(string name, IReadOnlyDictionary<string, Capability> paths)
            {
                w.WriteStartObject(name);
                foreach ((string path, Capability capabilities) in paths)
                {
                    w.WriteStartObject(path);
                    w.WriteStrings("capabilities", CapabilityNames.Of(capabilities));
                    w.WriteEndObject();
                }
                w.WriteEndObject();
            }
        })));
    }

    private static ValueTask<VaultResponse> Empty() => ValueTask.FromResult(VaultResponse.Ok(JsonData.Keys([])));

    private static ValueTask<VaultResponse> Flags() =>
        ValueTask.FromResult(VaultResponse.Bare(JsonData.Object(w => w.WriteStrings("feature_flags", []))));
}
