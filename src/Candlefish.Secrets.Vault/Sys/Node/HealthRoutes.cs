using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys.Node;

/// <summary><c>sys/health</c> and <c>sys/leader</c> (Vault API). The status says the state: 200, 501, 503.</summary>
internal static class HealthRoutes
{
    public static IEnumerable<NodeRoute> Of(VaultNode node) =>
    [
        new NodeRoute(
            "sys/health",
            "Shows whether the node serves: 200 active, 501 not initialized, 503 sealed.",
            new Dictionary<Operation, NodeHandler> { [Operation.Read] = (fields, _) => ValueTask.FromResult(Health(node, fields)) },
            Field.Flag("standbyok", "A standby answers as an active node."),
            Field.Flag("perfstandbyok", "A performance standby answers as an active node."),
            Field.Whole("activecode", "Status of an active node."),
            Field.Whole("standbycode", "Status of a standby node."),
            Field.Whole("drsecondarycode", "Status of a disaster recovery node."),
            Field.Whole("performancestandbycode", "Status of a performance standby."),
            Field.Whole("sealedcode", "Status of a sealed node."),
            Field.Whole("uninitcode", "Status of a node without data.")),
        new NodeRoute(
            "sys/leader",
            "Shows which node is active. Every node of this server answers.",
            new Dictionary<Operation, NodeHandler> { [Operation.Read] = (_, _) => ValueTask.FromResult(Leader(node)) }),
    ];

    private static VaultResponse Health(VaultNode node, FieldReader fields)
    {
        VaultOptions options = node.Environment.Options;
        int status = (node.IsInitialized, node.IsSealed) switch
        {
            (false, _) => fields.Whole("uninitcode", 100, 599) ?? 501,
            (true, true) => fields.Whole("sealedcode", 100, 599) ?? 503,
            (true, false) => fields.Whole("activecode", 100, 599) ?? 200,
        };
        return VaultResponse.Bare(
            JsonData.Object(w =>
            {
                w.WriteBoolean("initialized", node.IsInitialized);
                w.WriteBoolean("sealed", node.IsSealed);
                w.WriteBoolean("standby", node.IsSealed);
                w.WriteBoolean("performance_standby", false);
                w.WriteString("replication_performance_mode", "disabled");
                w.WriteString("replication_dr_mode", "disabled");
                w.WriteNumber("server_time_utc", node.Environment.Time.GetUtcNow().ToUnixTimeSeconds());
                w.WriteString("version", options.ReportedVersion);
                w.WriteBoolean("enterprise", false);
                if (!node.IsSealed)
                {
                    w.WriteString("cluster_name", options.ClusterName);
                    w.WriteString("cluster_id", NodeApi.RecordOf(node)?.ClusterId ?? "");
                }
                w.WriteNumber("echo_duration_ms", 0);
                w.WriteNumber("clock_skew_ms", 0);
            }),
            status);
    }

    private static VaultResponse Leader(VaultNode node) => node.State is not NodeState.Unsealed unsealed
        ? VaultResponse.Error(503, "Vault is sealed")
        : VaultResponse.Bare(JsonData.Object(w =>
        {
            VaultOptions options = node.Environment.Options;
            w.WriteBoolean("ha_enabled", false);
            w.WriteBoolean("is_self", true);
            w.WriteTime("active_time", unsealed.Since);
            w.WriteString("leader_address", options.ApiAddress);
            w.WriteString("leader_cluster_address", options.ClusterAddress);
            w.WriteBoolean("performance_standby", false);
            w.WriteNumber("performance_standby_last_remote_wal", 0);
        }));
}
