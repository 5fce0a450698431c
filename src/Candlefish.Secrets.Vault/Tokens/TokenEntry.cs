using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Policies;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// A token as stored (<c>sys/token/id/HASH</c>). The token text itself is never stored: <see cref="IdHash"/> is its
/// keyed hash, and names the record. A batch token carries this record in itself. Format version 1.
/// </summary>
public sealed record TokenEntry
{
    /// <summary>Keyed hash (HMAC-SHA256, lower-case hex) of the token text.</summary>
    public required string IdHash { get; init; }

    /// <summary>Handle for look-up and revocation that grants nothing.</summary>
    public required string Accessor { get; init; }

    public required string NamespaceId { get; init; }

    public TokenType Type { get; init; } = TokenType.Service;

    /// <summary><see cref="IdHash"/> of the parent; empty for orphans.</summary>
    public string Parent { get; init; } = "";

    /// <summary>Policies of the token itself, canonical names, sorted; identity adds to them at each request.</summary>
    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>Request path that created the token, for example <c>auth/userpass/login/bob</c>.</summary>
    public string Path { get; init; } = "";

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public string DisplayName { get; init; } = "";

    /// <summary>Uses left; 0 = unlimited, -1 = the last use is being served and the token answers no more.</summary>
    public int UsesLeft { get; init; }

    public DateTimeOffset CreationTime { get; init; }

    /// <summary>Life given at creation or last renewal; zero = never expires (root).</summary>
    public TimeSpan Ttl { get; init; }

    public DateTimeOffset? ExpireTime { get; init; }

    public DateTimeOffset? LastRenewal { get; init; }

    public TimeSpan Period { get; init; }

    public TimeSpan ExplicitMaxTtl { get; init; }

    /// <summary>Longest life by renewal that the auth role asked for; zero = the mount's.</summary>
    public TimeSpan MaxTtl { get; init; }

    public bool Renewable { get; init; }

    public string EntityId { get; init; } = "";

    /// <summary>Token role that made it; empty otherwise.</summary>
    public string Role { get; init; } = "";

    /// <summary>CIDR blocks the token may be used from; empty = everywhere.</summary>
    public IReadOnlyList<string> BoundCidrs { get; init; } = [];

    /// <summary>Policies that identity may not add (<c>token_no_default_policy</c> needs the note at renewal).</summary>
    public bool NoDefaultPolicy { get; init; }

    /// <summary>What the auth method wants back at renewal; never shown.</summary>
    public IReadOnlyDictionary<string, string>? InternalData { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    [JsonIgnore]
    public bool IsRoot => Policies.Count == 1 && Policies[0] == PolicyNames.Root;

    /// <summary>Carries one wrapped response and nothing else.</summary>
    [JsonIgnore]
    public bool IsWrapping => Policies.Count == 1 && Policies[0] == PolicyNames.ResponseWrapping;

    [JsonIgnore]
    public bool IsOrphan => Parent.Length == 0;

    public override string ToString() => "TokenEntry";
}

public enum TokenType
{
    /// <summary>Stored, renewable, revocable.</summary>
    Service,

    /// <summary>Carries everything in itself, encrypted; nothing is stored.</summary>
    Batch,
}
