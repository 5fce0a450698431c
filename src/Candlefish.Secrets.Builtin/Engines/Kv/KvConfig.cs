using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>What a KV v2 mount asks of all its keys (Vault API: <c>:mount/config</c>). Stored as <c>config</c>, format 1.</summary>
/// <remarks>
/// Read in the transaction of every write and never cached: a demand such as <c>cas_required</c> holds for the very next
/// write on every node. Reads of data do not need it.
/// </remarks>
internal sealed record KvConfig
{
    /// <summary>Versions kept when neither key nor mount says how many.</summary>
    public const int StandardMaxVersions = 10;

    /// <summary>Most versions that a key may keep: bounds the record of a key.</summary>
    public const int MaxMaxVersions = 100_000;

    private const string StorageKey = "config";

    public int Format { get; init; } = 1;

    /// <summary>0 = <see cref="StandardMaxVersions"/>.</summary>
    public int MaxVersions { get; init; }

    public bool CasRequired { get; init; }

    public bool MetadataCasRequired { get; init; }

    /// <summary>Zero = no limit; negative = versions never expire, whatever their key says.</summary>
    public TimeSpan DeleteVersionAfter { get; init; }

    /// <summary>Members of a newer version are kept.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    private static readonly KvConfig Unset = new();

    public static Route Route() => Vault.Requests.Route.At("config", "Reads and sets what this mount asks of all its keys.")
        .Takes(
            Field.Whole("max_versions", "Versions to keep per key; 0 = 10.", "0"),
            Field.Flag("cas_required", "All writes of data must use check-and-set.", "false"),
            Field.Flag("metadata_cas_required", "All writes of metadata must use check-and-set.", "false"),
            Field.Duration("delete_version_after", "Versions count as deleted after this time; 0 = never, negative = never and keys cannot change it.", "0s"))
        .Reads(ReadAsync).Writes(WriteAsync);

    public static async ValueTask<KvConfig> OfAsync(BarrierView storage, CancellationToken cancellation)
    {
        if (await storage.GetAsync(StorageKey, cancellation) is not { } stored)
            return Unset;
        return JsonSerializer.Deserialize(stored, KvJson.Default.KvConfig) ?? Unset;
    }

    /// <summary>How many versions of a key are kept.</summary>
    public int VersionsToKeep(int ofKey) =>
        ofKey > 0 ? ofKey : MaxVersions > 0 ? MaxVersions : StandardMaxVersions;

    /// <summary>When a version that is created now expires: the shorter time of mount and key; negative = never.</summary>
    public DateTimeOffset? DeletionOf(TimeSpan ofKey, DateTimeOffset now)
    {
        if (DeleteVersionAfter < TimeSpan.Zero || ofKey < TimeSpan.Zero)
            return null;
        TimeSpan after = DeleteVersionAfter == TimeSpan.Zero ? ofKey
            : ofKey == TimeSpan.Zero || ofKey > DeleteVersionAfter ? DeleteVersionAfter
            : ofKey;
        return after == TimeSpan.Zero ? null : now + after;
    }

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        KvConfig config = await OfAsync(context.Storage, context.Cancellation);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteBoolean("cas_required", config.CasRequired);
            w.WriteString("delete_version_after", WireTime.FormatDuration(config.DeleteVersionAfter));
            w.WriteNumber("max_versions", config.MaxVersions);
            w.WriteBoolean("metadata_cas_required", config.MetadataCasRequired);
        }));
    }

    private static async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        KvConfig config = await OfAsync(context.Storage, context.Cancellation);
        FieldReader fields = context.Fields;
        config = config with
        {
            MaxVersions = fields.Whole("max_versions", 0, MaxMaxVersions) ?? config.MaxVersions,
            CasRequired = fields.Flag("cas_required") ?? config.CasRequired,
            MetadataCasRequired = fields.Flag("metadata_cas_required") ?? config.MetadataCasRequired,
            DeleteVersionAfter = fields.Duration("delete_version_after") ?? config.DeleteVersionAfter,
        };
        context.Storage.Put(StorageKey, JsonSerializer.SerializeToUtf8Bytes(config, KvJson.Default.KvConfig));
        return VaultResponse.NoContent();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KvConfig))]
internal sealed partial class KvJson : JsonSerializerContext;
