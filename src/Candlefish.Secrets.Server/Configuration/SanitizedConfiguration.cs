using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>The configuration as <c>sys/config/state/sanitized</c> shows it (Vault API): no key files, no secrets.</summary>
internal static class SanitizedConfiguration
{
    public static JsonData Of(ServerConfiguration configuration) => JsonData.Object(w =>
    {
        w.WriteString("api_addr", configuration.ApiAddress);
        w.WriteString("cluster_addr", configuration.ClusterAddress);
        w.WriteString("cluster_name", configuration.ClusterName);
        w.WriteSeconds("default_lease_ttl", configuration.Limits.DefaultLeaseTtl);
        w.WriteSeconds("max_lease_ttl", configuration.Limits.MaxLeaseTtl);
        w.WriteBoolean("disable_mlock", configuration.DisableMlock);
        w.WriteBoolean("enable_ui", configuration.EnableUi);
        w.WriteString("environment", configuration.EnvironmentName);
        w.WriteString("log_level", configuration.LogLevel.ToString().ToUpperInvariant());
        w.WriteString("pid_file", configuration.PidFile);
        w.WriteBoolean("raw_storage_endpoint", configuration.RawStorageEndpoint);
        w.WriteStartArray("listeners");
        foreach (ListenerConfiguration listener in configuration.Listeners)
            WriteListener(w, listener);
        w.WriteEndArray();
        w.WriteStartArray("seals");
        w.WriteStartObject();
        w.WriteString("type", "shamir");
        w.WriteBoolean("disabled", false);
        w.WriteEndObject();
        w.WriteEndArray();
        w.WriteStartObject("storage");
        w.WriteString("type", configuration.Storage.Type);
        w.WriteString("cluster_addr", configuration.ClusterAddress);
        w.WriteString("redirect_addr", configuration.ApiAddress);
        w.WriteBoolean("disable_clustering", false);
        w.WriteEndObject();
    });

    private static void WriteListener(Utf8JsonWriter w, ListenerConfiguration listener)
    {
        w.WriteStartObject();
        w.WriteString("type", "tcp");
        w.WriteStartObject("config");
        w.WriteString("address", listener.Address.ToString());
        w.WriteBoolean("tls_disable", listener.Tls is null);
        w.WriteNumber("max_request_size", listener.MaxBodyBytes);
        w.WriteSeconds("max_request_duration", listener.MaxRequestDuration);
        w.WriteEndObject();
        w.WriteEndObject();
    }
}
