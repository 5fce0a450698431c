using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>Failed logins of one name at one mount, as stored in the slice of the mount. Format version 1.</summary>
/// <remarks>
/// <c>lockout/user/HASH</c> for names that exist; there are no more of them than users. Names that do not exist share
/// 65,536 records (<c>lockout/stranger/BUCKET</c>), so that inventing names cannot fill the storage. Which names share one
/// depends on the UUID of the mount, which callers without a token do not see.
/// </remarks>
internal sealed record LoginFailures
{
    /// <summary>Folder of the records that <c>sys/locked-users</c> shows.</summary>
    public const string Users = "lockout/user/";

    private const string Strangers = "lockout/stranger/";

    public int Format { get; init; } = 1;

    public required string Alias { get; init; }

    public required int Count { get; init; }

    public required DateTimeOffset Last { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>Letter case and surrounding spaces make no other name.</summary>
    public static string KeyOf(Mount mount, string alias, bool exists)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{mount.Entry.Uuid}/{alias.Trim().ToLowerInvariant()}"));
        return exists
            ? Users + Convert.ToHexStringLower(hash)
            : string.Create(CultureInfo.InvariantCulture, $"{Strangers}{hash[0]:x2}{hash[1]:x2}");
    }

    /// <exception cref="BarrierException">The record is not readable.</exception>
    public static LoginFailures? Parse(byte[]? stored) => stored is null
        ? null
        : JsonSerializer.Deserialize(stored, LoginFailuresJson.Default.LoginFailures) ?? throw new BarrierException(Users);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, LoginFailuresJson.Default.LoginFailures);

    /// <summary>Locked until the duration has passed since the last failure. A clock that was set back keeps the lock.</summary>
    public bool IsLocked(UserLockout rule, DateTimeOffset now) =>
        !rule.IsDisabled && Count >= rule.EffectiveThreshold && now - Last < rule.EffectiveDuration;

    /// <summary>The next failure counts as the first.</summary>
    public bool IsForgotten(UserLockout rule, DateTimeOffset now) =>
        now - Last >= (Count >= rule.EffectiveThreshold ? rule.EffectiveDuration : rule.EffectiveCounterReset);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LoginFailures))]
internal sealed partial class LoginFailuresJson : JsonSerializerContext;
