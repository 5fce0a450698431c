using System.Text.Json;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>Reads the tunable parameters of a mount: those sent replace, the others stay.</summary>
internal static class MountTuning
{
    public static readonly Field[] Fields =
    [
        Field.Duration("default_lease_ttl", "Life of leases and tokens when nothing else is said; 0 or \"system\" = the server's default."),
        Field.Duration("max_lease_ttl", "Longest life of leases and tokens; 0 or \"system\" = the server's maximum."),
        Field.Text("description", "For people."),
        Field.Text("listing_visibility", "\"unauth\" lists the mount to callers without a token."),
        Field.Text("token_type", "Kind of tokens an auth method makes."),
        Field.Map("options", "Engine options, for example version=2 of KV."),
        Field.TextList("audit_non_hmac_request_keys", "Request members that the audit trail shows in clear."),
        Field.TextList("audit_non_hmac_response_keys", "Response members that the audit trail shows in clear."),
        Field.TextList("passthrough_request_headers", "Request headers handed to the backend."),
        Field.TextList("allowed_response_headers", "Response headers the backend may set."),
        Field.Any("user_lockout_config", "Lockout after failed logins: lockout_threshold, lockout_duration, lockout_counter_reset, lockout_disable."),
        Field.Flag("force_no_cache", "Accepted for compatibility."),
        Field.Text("plugin_version", "Accepted for compatibility: every backend is built in."),
    ];

    /// <summary>Applies top-level members (tune).</summary>
    public static MountConfig Apply(MountConfig config, FieldReader fields, MountClass @class)
    {
        TimeSpan defaultTtl = Ttl(fields.Text("default_lease_ttl"), "default_lease_ttl") ?? config.DefaultLeaseTtl;
        TimeSpan maxTtl = Ttl(fields.Text("max_lease_ttl"), "max_lease_ttl") ?? config.MaxLeaseTtl;
        string tokenType = fields.Text("token_type") ?? config.TokenType;
        if (tokenType is not ("" or "default-service" or "default-batch" or "service" or "batch"))
            throw RequestRefused.BadRequest("'token_type' must be one of default-service, default-batch, service, batch");
        if (tokenType.Length > 0 && @class != MountClass.Auth)
            throw RequestRefused.BadRequest("'token_type' can only be set on auth methods");
        return Checked(config with
        {
            DefaultLeaseTtl = defaultTtl,
            MaxLeaseTtl = maxTtl,
            TokenType = tokenType,
            ForceNoCache = fields.Flag("force_no_cache") ?? config.ForceNoCache,
            ListingVisibility = Visibility(fields.Text("listing_visibility") ?? config.ListingVisibility),
            AuditNonHmacRequestKeys = fields.TextList("audit_non_hmac_request_keys") ?? config.AuditNonHmacRequestKeys,
            AuditNonHmacResponseKeys = fields.TextList("audit_non_hmac_response_keys") ?? config.AuditNonHmacResponseKeys,
            PassthroughRequestHeaders = fields.TextList("passthrough_request_headers") ?? config.PassthroughRequestHeaders,
            AllowedResponseHeaders = fields.TextList("allowed_response_headers") ?? config.AllowedResponseHeaders,
            Lockout = LockoutOf(fields.Any("user_lockout_config"), config.Lockout),
        });
    }

    /// <summary>Applies the nested <c>config</c> object (enable).</summary>
    public static MountConfig ApplyNested(JsonElement? nested, MountClass @class)
    {
        if (nested is not { } element)
            return new MountConfig();
        if (element.ValueKind != JsonValueKind.Object)
            throw RequestRefused.BadRequest("error converting input for field \"config\": expected an object");
        using var data = new RequestData(JsonSerializer.SerializeToUtf8Bytes(element, TuningJson.Default.JsonElement));
        return Apply(new MountConfig(), new FieldReader(default, data), @class);
    }

    private static MountConfig Checked(MountConfig config) =>
        config.MaxLeaseTtl > TimeSpan.Zero && config.DefaultLeaseTtl > config.MaxLeaseTtl
            ? throw RequestRefused.BadRequest("backend max lease TTL cannot be less than the default lease TTL")
            : config;

    private static TimeSpan? Ttl(string? text, string name)
    {
        if (text is null)
            return null;
        if (text is "" or "system")
            return TimeSpan.Zero;
        return WireTime.TryParseDuration(text, out TimeSpan value) && value >= TimeSpan.Zero
            ? value
            : throw RequestRefused.BadRequest($"unable to parse {name}: expected a duration such as 3600 or 1h, or \"system\"");
    }

    private static string Visibility(string value) => value is "" or "hidden" or "unauth"
        ? value
        : throw RequestRefused.BadRequest("'listing_visibility' must be \"unauth\", \"hidden\" or empty");

    private static UserLockout LockoutOf(JsonElement? element, UserLockout current)
    {
        if (element is not { } value)
            return current;
        if (value.ValueKind != JsonValueKind.Object)
            throw RequestRefused.BadRequest("error converting input for field \"user_lockout_config\": expected an object");
        using var data = new RequestData(JsonSerializer.SerializeToUtf8Bytes(value, TuningJson.Default.JsonElement));
        var fields = new FieldReader(default, data);
        return new UserLockout(
            fields.Whole("lockout_threshold", 0, 1_000_000) ?? current.Threshold,
            fields.Ttl("lockout_duration") ?? current.Duration,
            fields.Ttl("lockout_counter_reset") ?? fields.Ttl("lockout_counter_reset_duration") ?? current.CounterReset,
            fields.Flag("lockout_disable") ?? current.IsDisabled);
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class TuningJson : System.Text.Json.Serialization.JsonSerializerContext;
