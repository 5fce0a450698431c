using System.Text.Json;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys.Node;

/// <summary>Small read-only answers about the node: configuration, builtin plugins, version, state of other nodes.</summary>
internal sealed class NodeInfoRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("config/state/sanitized", "Shows the server's configuration without secrets.").Reads(_ => Ok(vault.Options.SanitizedConfiguration)).Sudo(),
        Route.At("ha-status", "Lists the nodes that serve this storage.").Reads(HaStatusAsync),
        Route.At("version-history", "Lists the versions that served this storage.").Lists(VersionHistoryAsync),
        Route.At("experiments", "Lists experiments: there are none.").Reads(_ => Ok(JsonData.Object(w =>
        {
            w.WriteStrings("available", []);
            w.WriteStrings("enabled", []);
        }))),
        Route.At("plugins/catalog", "Lists the backends that can be mounted; all are built in.").Reads(CatalogAsync),
        Route.At("plugins/catalog/{type}", "Lists the builtin backends of one type: auth, secret, database.").Lists(CatalogOfTypeAsync).Sudo(),
        Route.At("plugins/catalog/{type}/{name}", "Shows a builtin backend.").Reads(PluginAsync).Sudo(),
    ];

    private static ValueTask<VaultResponse> Ok(JsonData data) => ValueTask.FromResult(VaultResponse.Ok(data));

    private ValueTask<VaultResponse> HaStatusAsync(RequestContext context) => Ok(JsonData.Object(w =>
    {
        w.WriteStartArray("nodes");
        w.WriteStartObject();
        w.WriteString("hostname", Environment.MachineName);
        w.WriteString("api_address", vault.Options.ApiAddress);
        w.WriteString("cluster_address", vault.Options.ClusterAddress);
        w.WriteBoolean("active_node", true);
        w.WriteNull("last_echo");
        w.WriteString("version", vault.Options.ReportedVersion);
        w.WriteEndObject();
        w.WriteEndArray();
    }));

    private ValueTask<VaultResponse> VersionHistoryAsync(RequestContext context) => Ok(JsonData.Object(w =>
    {
        w.WriteStrings("keys", [vault.Options.ReportedVersion]);
        w.WriteStartObject("key_info");
        w.WriteStartObject(vault.Options.ReportedVersion);
        w.WriteNull("previous_version");
        w.WriteString("build_date", "");
        w.WriteString("timestamp_installed", "");
        w.WriteEndObject();
        w.WriteEndObject();
    }));

    private ValueTask<VaultResponse> CatalogAsync(RequestContext context) => Ok(JsonData.Object(w =>
    {
        w.WriteStrings("auth", Types("auth"));
        w.WriteStrings("database", []);
        w.WriteStrings("secret", Types("secret"));
        w.WriteStartArray("detailed");
        foreach (string type in new[] { "auth", "secret" })
        {
            foreach (string name in Types(type))
            {
                w.WriteStartObject();
                WritePlugin(w, type, name);
                w.WriteEndObject();
            }
        }
        w.WriteEndArray();
    }));

    private ValueTask<VaultResponse> CatalogOfTypeAsync(RequestContext context) =>
        ValueTask.FromResult(VaultResponse.List([.. Types(context.Capture("type"))]));

    private ValueTask<VaultResponse> PluginAsync(RequestContext context)
    {
        (string type, string name) = (context.Capture("type"), context.Capture("name"));
        return Types(type).Contains(name, StringComparer.Ordinal)
            ? Ok(JsonData.Object(w => WritePlugin(w, type, name)))
            : ValueTask.FromResult(VaultResponse.NotFound());
    }

    private static void WritePlugin(Utf8JsonWriter writer, string type, string name)
    {
        writer.WriteBoolean("builtin", true);
        writer.WriteString("deprecation_status", "supported");
        writer.WriteString("name", name);
        writer.WriteString("type", type);
        writer.WriteString("version", "");
    }

    private IEnumerable<string> Types(string type) => type switch
    {
        "auth" => vault.Backends.TypesOf(MountClass.Auth),
        "secret" => vault.Backends.TypesOf(MountClass.Secret),
        _ => [],
    };
}
