using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>One person or machine, however many ways it logs in. Stored as <c>entity/ID</c>, format version 1.</summary>
internal sealed record Entity
{
    public required string Id { get; init; }

    /// <summary>As it was written; found again in any letter case (<see cref="IdentityNames"/>).</summary>
    public required string Name { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Canonical names, sorted.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>No login, and no token of it, is accepted.</summary>
    public bool Disabled { get; init; }

    /// <summary>At most one per mount.</summary>
    public IReadOnlyList<EntityAlias> Aliases { get; init; } = [];

    /// <summary>
    /// Groups that it belongs to directly. Counts only while the group exists and <see cref="Membership.Through"/> holds.
    /// </summary>
    public IReadOnlyList<Membership> Memberships { get; init; } = [];

    /// <summary>Entities that were merged into this one; their tokens are now its tokens.</summary>
    public IReadOnlyList<string> MergedEntityIds { get; init; } = [];

    public DateTimeOffset CreationTime { get; init; }

    public DateTimeOffset LastUpdateTime { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    public EntityAlias? AliasOf(string mountAccessor) => Aliases.FirstOrDefault(a => a.MountAccessor == mountAccessor);
}

/// <summary>A name of an entity at one auth mount.</summary>
internal sealed record EntityAlias
{
    public required string Id { get; init; }

    /// <summary>The canonical name that the auth method gives; compared character for character.</summary>
    public required string Name { get; init; }

    public required string MountAccessor { get; init; }

    /// <summary>What the auth method said at the last login.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>What an administrator wrote.</summary>
    public IReadOnlyDictionary<string, string>? CustomMetadata { get; init; }

    public IReadOnlyList<string> MergedFromCanonicalIds { get; init; } = [];

    public DateTimeOffset CreationTime { get; init; }

    public DateTimeOffset LastUpdateTime { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>One direct membership.</summary>
/// <param name="GroupId">The group; ids are never used again.</param>
/// <param name="Through">
/// Empty in internal groups. In external ones the <see cref="GroupAlias.MembersId"/> at the login that gave it: when the
/// group loses or changes its alias, all memberships through the old one end at once.
/// </param>
internal sealed record Membership(string GroupId, string Through = "");

/// <summary>Entities and groups that share policies. Stored as <c>group/ID</c>, format version 1.</summary>
internal sealed record Group
{
    public required string Id { get; init; }

    /// <summary>As it was written; found again in any letter case.</summary>
    public required string Name { get; init; }

    /// <summary>Members come from logins by way of <see cref="Alias"/>, instead of being written.</summary>
    public bool IsExternal { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Canonical names, sorted.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    public IReadOnlyList<string> MemberGroupIds { get; init; } = [];

    /// <summary>The other side of <see cref="MemberGroupIds"/>, kept in the same transaction.</summary>
    public IReadOnlyList<string> ParentGroupIds { get; init; } = [];

    /// <summary>External groups only.</summary>
    public GroupAlias? Alias { get; init; }

    public DateTimeOffset CreationTime { get; init; }

    public DateTimeOffset LastUpdateTime { get; init; }

    /// <summary>Counts the writes, from 1.</summary>
    public long ModifyIndex { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>What a membership must carry to count now; <see langword="null"/> when none does.</summary>
    public string? MembersThrough => IsExternal ? Alias?.MembersId : "";
}

/// <summary>The name of an external group in the directory behind one auth mount.</summary>
internal sealed record GroupAlias
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string MountAccessor { get; init; }

    /// <summary>Random; a new one whenever name or mount change. See <see cref="Membership.Through"/>.</summary>
    public required string MembersId { get; init; }

    public DateTimeOffset CreationTime { get; init; }

    public DateTimeOffset LastUpdateTime { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Entity))]
[JsonSerializable(typeof(Group))]
internal sealed partial class IdentityJson : JsonSerializerContext;
