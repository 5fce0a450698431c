namespace Candlefish.Secrets.Vault.Policies;

/// <summary>What a policy rule grants on a path. <see cref="Deny"/> takes away everything else on the same pattern.</summary>
[Flags]
public enum Capability
{
    None = 0,
    Deny = 1 << 0,
    Create = 1 << 1,
    Read = 1 << 2,
    Update = 1 << 3,
    Patch = 1 << 4,
    Delete = 1 << 5,
    List = 1 << 6,
    Scan = 1 << 7,

    /// <summary>Asked for in addition on root-protected paths; grants nothing by itself.</summary>
    Sudo = 1 << 8,

    /// <summary>Receiving events about a path; see <c>subscribe_event_types</c>.</summary>
    Subscribe = 1 << 9,

    /// <summary>Accepted in policies and reported, used by nothing.</summary>
    Recover = 1 << 10,
}
