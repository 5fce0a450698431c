using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Sys.Config;

/// <summary>
/// Which web pages of other origins may call the API from a browser (<c>sys/config/cors</c>). Off until set; immutable.
/// </summary>
public sealed record CorsPolicy
{
    internal const string Key = "sys/config/cors";

    /// <summary>Headers of this API that a page may send besides those that are always allowed.</summary>
    public static readonly IReadOnlyList<string> StandardHeaders =
        ["Content-Type", "X-Requested-With", "X-Vault-MFA", "X-Vault-Namespace", "X-Vault-No-Request-Forwarding", "X-Vault-Token", "X-Vault-Wrap-Format", "X-Vault-Wrap-TTL", "Authorization"];

    public static readonly CorsPolicy Off = new();

    public bool Enabled { get; init; }

    /// <summary>Origins such as <c>https://ui.example.com</c>, or the one element <c>*</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    public IReadOnlyList<string> AllowedHeaders { get; init; } = [];

    /// <summary>An origin is compared as a whole and with its case: what a browser sends is already lower-case.</summary>
    public bool Allows(string origin) => Enabled && (AllowedOrigins is ["*"] || AllowedOrigins.Contains(origin, StringComparer.Ordinal));

    internal static async ValueTask<CorsPolicy> LoadAsync(StorageTransaction tx, CancellationToken cancellation) =>
        await tx.GetAsync(Key, cancellation) is { } stored && JsonSerializer.Deserialize(stored, ConfigJson.Default.CorsPolicy) is { } policy ? policy : Off;
}

/// <summary>Stored headers of the web console: name to values.</summary>
internal sealed record UiHeaders
{
    public const string Key = "sys/config/ui-headers";

    public SortedDictionary<string, IReadOnlyList<string>> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    public static async ValueTask<UiHeaders> LoadAsync(StorageTransaction tx, CancellationToken cancellation)
    {
        if (await tx.GetAsync(Key, cancellation) is not { } stored || JsonSerializer.Deserialize(stored, ConfigJson.Default.UiHeaders) is not { } read)
            return new UiHeaders();
        // Header names fold case: the dictionary that the serializer made does not.
        return new UiHeaders { Headers = new SortedDictionary<string, IReadOnlyList<string>>(read.Headers, StringComparer.OrdinalIgnoreCase) };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CorsPolicy))]
[JsonSerializable(typeof(UiHeaders))]
internal sealed partial class ConfigJson : JsonSerializerContext;
