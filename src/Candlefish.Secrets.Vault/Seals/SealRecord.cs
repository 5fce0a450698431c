using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Seals;

/// <summary>
/// How the root key is protected (<c>core/seal</c>). Stored in clear: it must be readable while sealed, and holds
/// nothing secret. Its root key blob is authenticated, the numbers beside it are only believed for display.
/// </summary>
internal sealed record SealRecord
{
    public const string Key = "core/seal";

    public int Format { get; init; } = 1;

    /// <summary><c>shamir</c>, or the type of an auto-unseal.</summary>
    public required string Type { get; init; }

    public required int Shares { get; init; }

    public required int Threshold { get; init; }

    /// <summary>
    /// The root key, encrypted. Shamir: layout of <see cref="TermKey"/> under the unseal key that the shares make, term
    /// <see cref="UnsealKeyTerm"/>, storage key <see cref="Key"/>. Other seals: their own blob.
    /// </summary>
    public required byte[] RootKey { get; init; }

    /// <summary>Identifies this vault for its whole life.</summary>
    public required string ClusterId { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    public const uint UnsealKeyTerm = uint.MaxValue;

    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this, SealJson.Default.SealRecord);

    /// <exception cref="BarrierException">Not a seal record.</exception>
    public static SealRecord Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, SealJson.Default.SealRecord) is { Format: 1, Type: not null, RootKey: not null, ClusterId: not null, Threshold: >= 0 } record ? record : throw new BarrierException(Key);
        }
        catch (JsonException)
        {
            throw new BarrierException(Key);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SealRecord))]
internal sealed partial class SealJson : JsonSerializerContext;
