using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Mounts;

/// <summary>A mount as stored in the mount table (<c>core/mounts/CLASS</c>). Format version 1.</summary>
public sealed record MountEntry
{
    /// <summary>Ends in a slash, for example <c>secret/</c>; for auth methods relative to <c>auth/</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Type as the client named it: <c>kv</c>, <c>approle</c> …</summary>
    public required string Type { get; init; }

    /// <summary>Names the storage slice: never reused, so a new mount never sees what an old one left.</summary>
    public required string Uuid { get; init; }

    /// <summary>Stable handle for identity aliases and audit, for example <c>auth_userpass_1a2b3c4d</c>.</summary>
    public required string Accessor { get; init; }

    public required MountClass Class { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Engine options, for example <c>version=2</c> of KV.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    public MountConfig Config { get; init; } = new();

    public bool Local { get; init; }

    public bool SealWrap { get; init; }

    public bool ExternalEntropyAccess { get; init; }

    /// <summary>Unknown members of a newer version are kept.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>Which family a mount belongs to.</summary>
public enum MountClass
{
    Secret,
    Auth,
}

/// <summary>What can be tuned. Zero durations mean: the server's default.</summary>
public sealed record MountConfig
{
    public TimeSpan DefaultLeaseTtl { get; init; }
    public TimeSpan MaxLeaseTtl { get; init; }
    public bool ForceNoCache { get; init; }

    /// <summary><c>unauth</c> lists the mount to callers without a token; empty or <c>hidden</c> does not.</summary>
    public string ListingVisibility { get; init; } = "";

    /// <summary>Auth methods: <c>default-service</c>, <c>default-batch</c>, <c>service</c>, <c>batch</c>; empty = default-service.</summary>
    public string TokenType { get; init; } = "";

    public IReadOnlyList<string> AuditNonHmacRequestKeys { get; init; } = [];
    public IReadOnlyList<string> AuditNonHmacResponseKeys { get; init; } = [];
    public IReadOnlyList<string> PassthroughRequestHeaders { get; init; } = [];
    public IReadOnlyList<string> AllowedResponseHeaders { get; init; } = [];

    /// <summary>Auth methods: when too many failed logins lock a user out.</summary>
    public UserLockout Lockout { get; init; } = new();
}

/// <summary>Lockout of users after failed logins (userpass, AppRole, LDAP). Zero = the default.</summary>
/// <param name="Threshold">Failures before the lock; default 5.</param>
/// <param name="Duration">How long the lock holds; default 15 minutes.</param>
/// <param name="CounterReset">A quiet time after which failures are forgotten; default 15 minutes.</param>
public sealed record UserLockout(int Threshold = 0, TimeSpan Duration = default, TimeSpan CounterReset = default, bool IsDisabled = false)
{
    public int EffectiveThreshold => Threshold > 0 ? Threshold : 5;
    public TimeSpan EffectiveDuration => Duration > TimeSpan.Zero ? Duration : TimeSpan.FromMinutes(15);
    public TimeSpan EffectiveCounterReset => CounterReset > TimeSpan.Zero ? CounterReset : TimeSpan.FromMinutes(15);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MountTableRecord))]
internal sealed partial class MountJson : JsonSerializerContext;

/// <summary>The stored mount table of one class.</summary>
internal sealed record MountTableRecord(int Format, IReadOnlyList<MountEntry> Mounts);
