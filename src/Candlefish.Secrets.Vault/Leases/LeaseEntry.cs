using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>A leased secret as stored (<c>sys/lease/id/LEASE_ID</c> of its namespace). Format version 1.</summary>
public sealed record LeaseEntry
{
    /// <summary><c>PATH/RANDOM</c>, for example <c>database/creds/app/8Xk…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Request path that issued it.</summary>
    public required string Path { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary>Accessor of the mount that revokes it.</summary>
    public required string MountAccessor { get; init; }

    /// <summary><c>IdHash</c> of the token that owns it: it dies with that token.</summary>
    public required string TokenHash { get; init; }

    /// <summary>The owner is a batch token without parent, which is stored nowhere.</summary>
    public bool IsOwnerless { get; init; }

    public required DateTimeOffset IssueTime { get; init; }
    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>No renewal goes beyond this.</summary>
    public required DateTimeOffset MaxExpireTime { get; init; }

    /// <summary>Life that a renewal without increment gives again.</summary>
    public TimeSpan Ttl { get; init; }

    public DateTimeOffset? LastRenewal { get; init; }
    public bool Renewable { get; init; }

    /// <summary>What the engine needs to renew or revoke; never shown.</summary>
    public JsonElement InternalData { get; init; }

    /// <summary>Failed revocations so far.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>When a failed revocation is tried again.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>
    /// The engine was about to act and has not reported success: nobody was given this secret, it is only there to be undone.
    /// </summary>
    public bool IsIntent { get; init; }

    /// <summary>Why the last revocation failed; not empty and attempts used up = irrevocable.</summary>
    public string LastError { get; init; } = "";

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>When the sweeper looks at it: where it stands in the index by time.</summary>
    [JsonIgnore]
    public DateTimeOffset DueTime => NextAttempt ?? ExpireTime;

    /// <summary>Revocation was given up: an operator has to look at it.</summary>
    [JsonIgnore]
    public bool IsIrrevocable => FailedAttempts >= MaxAttempts;

    /// <summary>Attempts to revoke before a lease is given up as irrevocable.</summary>
    public const int MaxAttempts = 6;

    public override string ToString() => "LeaseEntry " + Id;
}
