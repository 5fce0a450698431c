using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>A leased secret as stored (<c>sys/lease/id/LEASE_ID</c>). Format version 1.</summary>
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

    public required DateTimeOffset IssueTime { get; init; }
    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>No renewal goes beyond this.</summary>
    public required DateTimeOffset MaxExpireTime { get; init; }

    public DateTimeOffset? LastRenewal { get; init; }
    public bool Renewable { get; init; }

    /// <summary>What the engine needs to renew or revoke; never shown.</summary>
    public JsonElement InternalData { get; init; }

    /// <summary>Failed revocations so far.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>Why the last revocation failed; not empty and attempts used up = irrevocable.</summary>
    public string LastError { get; init; } = "";

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    public override string ToString() => "LeaseEntry " + Id;
}
