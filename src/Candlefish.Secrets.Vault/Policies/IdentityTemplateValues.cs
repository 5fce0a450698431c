namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// What <c>{{identity…}}</c> in a policy path can name about the entity behind a token. A token without an entity has
/// none of these.
/// </summary>
public sealed record IdentityTemplateValues
{
    public required string EntityId { get; init; }

    public required string EntityName { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = Nothing;

    /// <summary>The aliases of the entity, each by the accessor of its own mount.</summary>
    public IReadOnlyDictionary<string, AliasTemplateValues> AliasesByMountAccessor { get; init; } =
        new Dictionary<string, AliasTemplateValues>();

    /// <summary>Only groups of which the entity is a member; found by id and by name.</summary>
    public IReadOnlyList<GroupTemplateValues> Groups { get; init; } = [];

    internal static IReadOnlyDictionary<string, string> Nothing { get; } = new Dictionary<string, string>();
}

/// <summary>One alias of an entity.</summary>
public sealed record AliasTemplateValues(string Id, string Name)
{
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = IdentityTemplateValues.Nothing;

    public IReadOnlyDictionary<string, string> CustomMetadata { get; init; } = IdentityTemplateValues.Nothing;
}

/// <summary>One group of an entity.</summary>
public sealed record GroupTemplateValues(string Id, string Name)
{
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = IdentityTemplateValues.Nothing;
}
