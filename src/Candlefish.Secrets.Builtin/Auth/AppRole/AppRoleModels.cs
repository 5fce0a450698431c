using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Builtin.Auth.AppRole;

/// <summary>A role as stored (<c>role/NAME</c>). Format version 1.</summary>
internal sealed record RoleRecord
{
    public int Format { get; init; } = 1;

    /// <summary>Never used again: names the folders of its SecretIDs, and tells a role from a later one of the same name.</summary>
    public required string Uuid { get; init; }

    /// <summary>Canonical.</summary>
    public required string Name { get; init; }

    public required string RoleId { get; init; }

    public bool BindSecretId { get; init; } = true;

    /// <summary>Kept and shown; nothing is replicated that it could exclude.</summary>
    public bool LocalSecretIds { get; init; }

    /// <summary>Where logins may come from; empty = everywhere.</summary>
    public IReadOnlyList<string> SecretIdBoundCidrs { get; init; } = [];

    /// <summary>Logins per SecretID; 0 = unlimited.</summary>
    public int SecretIdNumUses { get; init; }

    /// <summary>Life of a SecretID; zero = unlimited.</summary>
    public TimeSpan SecretIdTtl { get; init; }

    public TokenTerms Terms { get; init; } = new();

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>
/// A SecretID as stored (<c>secret-id/ROLE_UUID/HASH</c>), without its text. Format version 1.
/// </summary>
internal sealed record SecretIdRecord
{
    public int Format { get; init; } = 1;

    /// <summary>Handle for look-up and destruction that grants nothing.</summary>
    public required string Accessor { get; init; }

    public DateTimeOffset CreationTime { get; init; }

    /// <summary><see langword="null"/> = never.</summary>
    public DateTimeOffset? ExpirationTime { get; init; }

    public DateTimeOffset LastUpdatedTime { get; init; }

    /// <summary>Logins left; 0 = unlimited. The record goes with the last one.</summary>
    public int UsesLeft { get; init; }

    public TimeSpan Ttl { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it may be used; empty = where the role says.</summary>
    public IReadOnlyList<string> CidrList { get; init; } = [];

    /// <summary>Where its tokens may be used; empty = where the role says.</summary>
    public IReadOnlyList<string> TokenBoundCidrs { get; init; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    public bool IsExpired(DateTimeOffset now) => ExpirationTime is { } end && end <= now;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RoleRecord))]
[JsonSerializable(typeof(SecretIdRecord))]
internal sealed partial class AppRoleJson : JsonSerializerContext;
