namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// All patterns of a token with their capabilities (Vault API: GET <c>sys/internal/ui/resultant-acl</c>).
/// </summary>
/// <param name="Root">The token is allowed everything; both maps are empty.</param>
/// <param name="ExactPaths">Paths without wildcard.</param>
/// <param name="GlobPaths">Prefixes without their <c>*</c>; patterns with <c>+</c> as written.</param>
public sealed record AclRules(
    bool Root,
    IReadOnlyDictionary<string, Capability> ExactPaths,
    IReadOnlyDictionary<string, Capability> GlobPaths);
