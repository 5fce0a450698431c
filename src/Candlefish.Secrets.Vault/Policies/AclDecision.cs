namespace Candlefish.Secrets.Vault.Policies;

/// <summary>Why a request is refused. For logs, audit and the policy tester: a client only learns "permission denied".</summary>
public enum AclDenial
{
    None,

    /// <summary>No rule matches the path.</summary>
    NothingMatches,

    /// <summary>The deciding pattern denies.</summary>
    ExplicitDeny,

    /// <summary>The deciding pattern lacks the capability of the operation.</summary>
    CapabilityMissing,

    /// <summary>The path is root-protected and the deciding pattern lacks <c>sudo</c>.</summary>
    SudoMissing,

    /// <summary>The deciding pattern asks for a wrapped response, or for another TTL of it.</summary>
    WrappingTtl,

    /// <summary>A required parameter is missing.</summary>
    ParameterMissing,

    /// <summary>A parameter, or its value, is denied.</summary>
    ParameterDenied,

    /// <summary>A parameter, or its value, is not among the allowed ones.</summary>
    ParameterNotAllowed,
}

/// <summary>The answer to an <see cref="AclRequest"/>. The default value is a refusal.</summary>
public readonly record struct AclDecision
{
    private readonly IReadOnlyList<string>? _grantingPolicies;
    private readonly IReadOnlyList<string>? _mfaMethods;
    private readonly IReadOnlyList<string>? _listFilterPaths;

    public bool IsAllowed { get; init; }

    /// <summary>Allowed by the root policy.</summary>
    public bool IsRoot { get; init; }

    public AclDenial Denial { get; init; }

    /// <summary>The policies whose rules of the deciding pattern hold the capability; empty when refused.</summary>
    public IReadOnlyList<string> GrantingPolicies
    {
        get => _grantingPolicies ?? [];
        init => _grantingPolicies = value;
    }

    /// <summary>Approvals to collect before the request is executed, reduced to the factors that cover the operation.</summary>
    public ControlGroup? ControlGroup { get; init; }

    /// <summary>MFA methods to satisfy before the request is executed.</summary>
    public IReadOnlyList<string> MfaMethods
    {
        get => _mfaMethods ?? [];
        init => _mfaMethods = value;
    }

    /// <summary>For list and scan: show a key only if the path that each of these templates gives is readable.</summary>
    public IReadOnlyList<string> ListFilterPaths
    {
        get => _listFilterPaths ?? [];
        init => _listFilterPaths = value;
    }

    /// <summary>For list and scan: refuse a page size that is absent, below 1 or above this.</summary>
    public int? PaginationLimit { get; init; }

    internal static AclDecision Refused(AclDenial denial) => new() { Denial = denial };
}
