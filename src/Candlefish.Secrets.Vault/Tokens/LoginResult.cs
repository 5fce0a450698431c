namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>What an auth method answers when a login succeeded: who it is, and the terms of the token.</summary>
/// <remarks>The pipeline finds or makes the entity of the alias, adds identity policies and creates the token.</remarks>
public sealed record LoginResult
{
    /// <summary>Name of the identity alias at this mount, canonical; empty = no entity.</summary>
    public required string AliasName { get; init; }

    public IReadOnlyDictionary<string, string> AliasMetadata { get; init; } = Empty;

    /// <summary>Shown with the token, for example the user name or role name.</summary>
    public required string DisplayName { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = Empty;

    public required IReadOnlyList<string> Policies { get; init; }

    /// <summary>Names of groups of the outside directory, for group aliases.</summary>
    public IReadOnlyList<string> GroupAliases { get; init; } = [];

    public TokenTerms Terms { get; init; } = new();

    public bool Renewable { get; init; } = true;

    /// <summary>What the method wants back at renewal; stored with the token, never shown.</summary>
    public IReadOnlyDictionary<string, string> InternalData { get; init; } = Empty;

    private static readonly Dictionary<string, string> Empty = [];
}

/// <summary>The <c>token_*</c> parameters that every auth role shares. Zero or empty = the mount's own.</summary>
public sealed record TokenTerms
{
    public TimeSpan Ttl { get; init; }
    public TimeSpan MaxTtl { get; init; }
    public TimeSpan ExplicitMaxTtl { get; init; }
    public TimeSpan Period { get; init; }
    public int NumUses { get; init; }
    public bool NoDefaultPolicy { get; init; }
    public IReadOnlyList<string> BoundCidrs { get; init; } = [];
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary><c>default</c>, <c>default-service</c>, <c>default-batch</c>, <c>service</c>, <c>batch</c>; empty = default.</summary>
    public string Type { get; init; } = "";
}

/// <summary>The <c>auth</c> member of an answer: a token handed to the client.</summary>
public sealed class AuthBlock
{
    public required string ClientToken { get; init; }
    public required string Accessor { get; init; }

    /// <summary>Everything the token can do: <see cref="TokenPolicies"/> and <see cref="IdentityPolicies"/>.</summary>
    public required IReadOnlyList<string> Policies { get; init; }
    public required IReadOnlyList<string> TokenPolicies { get; init; }
    public IReadOnlyList<string> IdentityPolicies { get; init; } = [];
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
    public TimeSpan LeaseDuration { get; init; }
    public bool Renewable { get; init; }
    public string EntityId { get; init; } = "";
    public TokenType TokenType { get; init; }
    public bool Orphan { get; init; }
    public int NumUses { get; init; }
    public override string ToString() => "AuthBlock";
}
