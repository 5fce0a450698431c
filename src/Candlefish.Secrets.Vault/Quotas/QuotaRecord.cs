using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Quotas;

/// <summary>A rate limit: how many requests each client address may send to a part of the server.</summary>
internal sealed record RateLimitRule
{
    /// <summary>As written; letter case tells names apart, as policies do on <c>sys/quotas/rate-limit/NAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// What it covers: empty = everything; <c>kv/</c> = a mount; <c>kv/data/app</c> = one path; <c>kv/data/*</c> = paths that
    /// begin so.
    /// </summary>
    public string Path { get; init; } = "";

    /// <summary>Requests per <see cref="Interval"/>. Below 1: one request per that much longer interval.</summary>
    public required double Rate { get; init; }

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A client that goes over the limit is refused for this long; zero = until the interval ends.</summary>
    public TimeSpan BlockInterval { get; init; }

    public bool Inheritable { get; init; }

    /// <summary>Version of the record that brought this form of the rule: counting begins anew when a rule changes.</summary>
    public long Since { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>Requests in one window.</summary>
    [JsonIgnore]
    public int Tokens => Rate < 1 ? 1 : (int)Math.Min(Math.Round(Rate, MidpointRounding.AwayFromZero), int.MaxValue);

    /// <summary>Length of one window.</summary>
    [JsonIgnore]
    public TimeSpan Window => Rate < 1 ? Interval / Rate : Interval;
}

/// <summary>How rate limits behave as a whole (<c>sys/quotas/config</c>).</summary>
internal sealed record QuotaConfig
{
    /// <summary>Requests that a limit refuses appear in the audit trail (without their data, which is never parsed).</summary>
    public bool AuditLogging { get; init; }

    /// <summary>Answers carry <c>X-Ratelimit-*</c>.</summary>
    public bool ResponseHeaders { get; init; }

    /// <summary>Paths without limits; a trailing <c>*</c> takes all that begin so. <see langword="null"/> = <see cref="StandardExemptPaths"/>.</summary>
    public IReadOnlyList<string>? ExemptPaths { get; init; }

    /// <summary>What must stay reachable when the server is flooded. (Paths that work while sealed are never limited.)</summary>
    [JsonIgnore]
    public static IReadOnlyList<string> StandardExemptPaths { get; } = ["sys/generate-root/attempt", "sys/generate-root/update", "sys/seal"];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>All rules and the configuration as stored (<c>sys/quotas</c>), format version 1.</summary>
/// <param name="Version">Grows with every write.</param>
internal sealed record QuotaRecord(int Format, long Version, QuotaConfig Config, IReadOnlyList<RateLimitRule> Rules)
{
    public static readonly QuotaRecord Empty = new(1, 0, new QuotaConfig(), []);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(QuotaRecord))]
internal sealed partial class QuotaJson : JsonSerializerContext;
