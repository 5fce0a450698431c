using System.Text.Json;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>How mounts look on the wire.</summary>
internal static class MountJsonShapes
{
    /// <summary>The object of <c>sys/mounts</c> and <c>sys/auth</c>.</summary>
    public static void WriteMount(this Utf8JsonWriter writer, Mount mount)
    {
        MountEntry entry = mount.Entry;
        writer.WriteString("accessor", entry.Accessor);
        writer.WriteStartObject("config");
        WriteConfig(writer, entry);
        writer.WriteEndObject();
        writer.WriteString("deprecation_status", "supported");
        writer.WriteString("description", entry.Description);
        writer.WriteBoolean("external_entropy_access", entry.ExternalEntropyAccess);
        writer.WriteBoolean("local", entry.Local);
        writer.WriteMap("options", entry.Options.Count == 0 ? null : entry.Options);
        writer.WriteString("plugin_version", "");
        writer.WriteString("running_plugin_version", "");
        writer.WriteString("running_sha256", "");
        writer.WriteBoolean("seal_wrap", entry.SealWrap);
        writer.WriteString("type", entry.Type);
        writer.WriteString("uuid", entry.Uuid);
    }

    /// <summary>The answer of <c>…/tune</c>: effective times, options, what was tuned.</summary>
    public static void WriteTuning(this Utf8JsonWriter writer, Mount mount, SystemLimits limits)
    {
        MountEntry entry = mount.Entry;
        writer.WriteSeconds("default_lease_ttl", mount.DefaultTtl(limits));
        writer.WriteSeconds("max_lease_ttl", mount.MaxTtl(limits));
        writer.WriteString("description", entry.Description);
        writer.WriteBoolean("force_no_cache", entry.Config.ForceNoCache);
        WriteTunables(writer, entry);
        if (entry.Options.Count > 0)
            writer.WriteMap("options", entry.Options);
    }

    private static void WriteConfig(Utf8JsonWriter writer, MountEntry entry)
    {
        writer.WriteSeconds("default_lease_ttl", entry.Config.DefaultLeaseTtl);
        writer.WriteSeconds("max_lease_ttl", entry.Config.MaxLeaseTtl);
        writer.WriteBoolean("force_no_cache", entry.Config.ForceNoCache);
        WriteTunables(writer, entry);
    }

    private static void WriteTunables(Utf8JsonWriter writer, MountEntry entry)
    {
        MountConfig config = entry.Config;
        if (entry.Class == MountClass.Auth)
            writer.WriteString("token_type", config.TokenType.Length == 0 ? "default-service" : config.TokenType);
        if (config.ListingVisibility.Length > 0)
            writer.WriteString("listing_visibility", config.ListingVisibility);
        WriteWhenAny(writer, "audit_non_hmac_request_keys", config.AuditNonHmacRequestKeys);
        WriteWhenAny(writer, "audit_non_hmac_response_keys", config.AuditNonHmacResponseKeys);
        WriteWhenAny(writer, "passthrough_request_headers", config.PassthroughRequestHeaders);
        WriteWhenAny(writer, "allowed_response_headers", config.AllowedResponseHeaders);
        if (config.Lockout != new UserLockout())
        {
            writer.WriteNumber("user_lockout_threshold", config.Lockout.EffectiveThreshold);
            writer.WriteSeconds("user_lockout_duration", config.Lockout.EffectiveDuration);
            writer.WriteSeconds("user_lockout_counter_reset_duration", config.Lockout.EffectiveCounterReset);
            writer.WriteBoolean("user_lockout_disable", config.Lockout.IsDisabled);
        }
    }

    private static void WriteWhenAny(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
            writer.WriteStrings(name, values);
    }
}
