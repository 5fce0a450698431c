using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Node;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/internal/specs/openapi</c>: the description of every route the caller may see, made from the tables that dispatch
/// requests (Vault API).
/// </summary>
internal sealed class OpenApiRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("internal/specs/openapi", "Describes the API as an OpenAPI 3.0 document.")
            .Takes(Field.Flag("generic_mount_paths", "Shows {kv_mount_path} and the like in place of where backends are mounted."), Field.Text("context", "Accepted for compatibility."))
            .Reads(ReadAsync).Writes(ReadAsync).Unauthenticated(),
    ];

    private ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        bool isGeneric = context.Fields.Flag("generic_mount_paths") ?? false;
        IEnumerable<Mount> mounts = vault.Mounts(context.Namespace).Router.Mounts
            .Where(m => context.Acl is { } acl && acl.ReachesInto(m.RoutePrefix, context.Now))
            .OrderBy(m => m.RoutePrefix, StringComparer.Ordinal);
        var open = vault.Mounts(context.Namespace).Router.Mounts.Where(m => context.Acl is null);
        return ValueTask.FromResult(VaultResponse.Bare(JsonData.Object(w =>
        {
            w.WriteString("openapi", "3.0.2");
            w.WriteStartObject("info");
            w.WriteString("title", "Candlefish Secrets, Vault API");
            w.WriteString("description", "Made from the route tables of this server.");
            w.WriteString("version", vault.Options.ReportedVersion);
            w.WriteStartObject("license");
            w.WriteString("name", "Apache-2.0");
            w.WriteEndObject();
            w.WriteEndObject();
            w.WriteStartObject("paths");
            var document = new OpenApiWriter(w);
            foreach (NodeRoute route in vault.Node.StatelessRoutes)
                document.Write(route);
            foreach (Mount mount in mounts)
                document.Write(mount, isGeneric, onlyUnauthenticated: false);
            foreach (Mount mount in open)
                document.Write(mount, isGeneric, onlyUnauthenticated: true);
            w.WriteEndObject();
        })));
    }
}
