namespace Candlefish.Secrets.Server.Configuration;

/// <summary>Keys of Vault's configuration that this server knows and does not need.</summary>
internal static class IgnoredKeys
{
    public static void Apply(ConfigurationSection top)
    {
        foreach ((string name, string reason) in Known)
            top.Ignore(name, reason);
    }

    /// <summary>Keys of <c>telemetry</c> that name a place to send metrics to.</summary>
    public static bool IsPushTelemetry(string name) =>
        name.StartsWith("statsd", StringComparison.Ordinal) || name.StartsWith("statsite", StringComparison.Ordinal) ||
        name.StartsWith("circonus", StringComparison.Ordinal) || name.StartsWith("dogstatsd", StringComparison.Ordinal) ||
        name.StartsWith("stackdriver", StringComparison.Ordinal);

    private static readonly (string Name, string Reason)[] Known =
    [
        ("plugin_directory", "plugins are never loaded"),
        ("plugin_tmpdir", "plugins are never loaded"),
        ("plugin_file_uid", "plugins are never loaded"),
        ("plugin_file_permissions", "plugins are never loaded"),
        ("plugin", "plugins are never loaded"),
        ("ha_storage", "nodes share one storage and need no second one"),
        ("service_registration", "the server does not register itself; point a load balancer at /v1/sys/health"),
        ("license_path", "there is no licence: every feature is in the one edition"),
        ("log_file", "logs go to standard error; redirect them there"),
        ("log_format", "log lines have one format"),
        ("log_rotate_bytes", "logs go to standard error"),
        ("log_rotate_duration", "logs go to standard error"),
        ("log_rotate_max_files", "logs go to standard error"),
        ("log_requests_level", "requests are recorded by the audit trail, not by the log"),
        ("entropy", "randomness comes from the operating system"),
        ("reporting", "nothing is reported to anyone"),
        ("cache_size", ""),
        ("disable_cache", ""),
        ("disable_clustering", ""),
        ("disable_sealwrap", ""),
        ("disable_performance_standby", ""),
        ("disable_printable_check", "non-printable characters in paths are always refused"),
        ("disable_indexing", ""),
        ("enable_response_header_hostname", ""),
        ("enable_response_header_raft_node_id", ""),
        ("introspection_endpoint", "there is no introspection endpoint"),
        ("experiments", ""),
        ("detect_deadlocks", ""),
        ("imprecise_lease_role_tracking", ""),
        ("enable_post_unseal_trace", ""),
    ];
}
