using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Vault;

/// <summary>What a node is told at start. Everything else is stored inside the barrier.</summary>
public sealed record VaultOptions
{
    /// <summary>Version shown by <c>sys/health</c> and <c>sys/seal-status</c>: clients switch behaviour by it.</summary>
    public string ReportedVersion { get; init; } = "1.19.0";

    /// <summary>Our own version.</summary>
    public string ProductVersion { get; init; } = "0.1.0";

    public string ClusterName { get; init; } = "candlefish";

    /// <summary>Address that clients should use (<c>api_addr</c>); empty = unknown.</summary>
    public string ApiAddress { get; init; } = "";

    public string ClusterAddress { get; init; } = "";

    /// <summary>Name of the storage in <c>sys/seal-status</c>: <c>file</c>, <c>inmem</c> …</summary>
    public string StorageType { get; init; } = "inmem";

    public SystemLimits Limits { get; init; } = SystemLimits.Standard;

    /// <summary>Answers <c>sys/metrics</c> without a token (<c>unauthenticated_metrics_access</c>).</summary>
    public bool UnauthenticatedMetrics { get; init; }

    /// <summary>Serves <c>sys/raw</c> (off by default: it reads past every policy but sudo).</summary>
    public bool RawStorageEndpoint { get; init; }

    /// <summary>
    /// Lets generate-root and rekey be driven by key shares alone, without a token (the form before CVE-2026-5807 and
    /// CVE-2025-4656). Off by default.
    /// </summary>
    public bool UnauthenticatedRekey { get; init; }

    /// <summary>The one directory that audit files may be written to; empty = file devices are refused.</summary>
    public string AuditDirectory { get; init; } = "";

    /// <summary>A new vault writes <c>audit.log</c> in <see cref="AuditDirectory"/> from its first request on, when there is one.</summary>
    public bool AuditsFromInit { get; init; } = true;

    /// <summary>Answers <c>sys/internal/ui</c> for the web console.</summary>
    public bool EnableUi { get; init; }

    /// <summary>The server's own configuration without secrets, for <c>sys/config/state/sanitized</c>: JSON object.</summary>
    public Requests.JsonData SanitizedConfiguration { get; init; } = Requests.JsonData.Object(static _ => { });
}
