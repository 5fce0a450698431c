using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Seals;

/// <summary>When a new term of the key ring begins by itself (<c>core/rotate-config</c>).</summary>
internal sealed record RotationConfig
{
    private const string Key = "core/rotate-config";

    public bool Enabled { get; init; } = true;

    /// <summary>Longest age of a term; zero = no limit by age.</summary>
    public TimeSpan Interval { get; init; }

    public long MaxOperations { get; init; } = SecurityBarrier.MaxEncryptionsPerTerm;

    /// <summary>
    /// Whether the term has had its time. The hard limit of encryptions holds even where automatic rotation is off.
    /// </summary>
    public bool IsDue(DateTimeOffset installed, long encryptions, DateTimeOffset now) =>
        encryptions >= SecurityBarrier.MaxEncryptionsPerTerm
        || (Enabled && (encryptions >= MaxOperations || (Interval > TimeSpan.Zero && now - installed >= Interval)));

    public static async ValueTask<RotationConfig> LoadAsync(StorageTransaction tx, CancellationToken cancellation) =>
        await tx.GetAsync(Key, cancellation) is { } stored && JsonSerializer.Deserialize(stored, RotationJson.Default.RotationConfig) is { } config
            ? config
            : new RotationConfig();

    public void Store(StorageTransaction tx) => tx.Put(Key, JsonSerializer.SerializeToUtf8Bytes(this, RotationJson.Default.RotationConfig));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RotationConfig))]
internal sealed partial class RotationJson : JsonSerializerContext;
