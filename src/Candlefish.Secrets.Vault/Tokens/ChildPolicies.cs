using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>Which policies a token gets from another token. Pure.</summary>
internal static class ChildPolicies
{
    /// <exception cref="RequestRefused">400: the parent or the role does not grant what is asked for.</exception>
    public static IReadOnlyList<string> Of(TokenEntry parent, TokenRole? role, IReadOnlyList<string>? asked, bool noDefault, bool isSudo)
    {
        IReadOnlyList<string> wanted = TokenPolicies.Canonical(asked ?? []);
        IReadOnlyList<string> given = role is { HasPolicyRules: true }
            ? ByRole(role, wanted, noDefault)
            : ByParent(parent, wanted, noDefault || role is { Terms.NoDefaultPolicy: true }, isSudo);
        foreach (string name in given)
        {
            if (name is PolicyNames.ResponseWrapping or PolicyNames.ControlGroup)
                throw RequestRefused.BadRequest($"cannot assign policy \"{name}\"");
        }
        if (given.Contains(PolicyNames.Root) && role is not null)
            throw RequestRefused.BadRequest("root is never given by a role: name the policies of the token, or set allowed_policies of the role");
        if (given.Contains(PolicyNames.Root) && !parent.IsRoot)
            throw RequestRefused.BadRequest("root tokens may not be created without parent token being root");
        return given;
    }

    private static IReadOnlyList<string> ByParent(TokenEntry parent, IReadOnlyList<string> wanted, bool noDefault, bool isSudo)
    {
        if (wanted.Count == 0)
            return noDefault ? TokenPolicies.Canonical(parent.Policies.Where(static n => n != PolicyNames.Default)) : parent.Policies;
        if (isSudo)
            return noDefault ? wanted : TokenPolicies.WithDefault(wanted);
        if (!wanted.All(parent.Policies.Contains))
            throw RequestRefused.BadRequest("child policies must be subset of parent");
        return noDefault || !parent.Policies.Contains(PolicyNames.Default) ? wanted : TokenPolicies.WithDefault(wanted);
    }

    private static IReadOnlyList<string> ByRole(TokenRole role, IReadOnlyList<string> wanted, bool noDefault)
    {
        bool addDefault = !noDefault && !role.Terms.NoDefaultPolicy && !role.Disallows(PolicyNames.Default);
        if (wanted.Count == 0)
            wanted = role.AllowedPolicies;
        foreach (string name in wanted)
        {
            if (!role.Allows(name) && !(addDefault && name == PolicyNames.Default))
                throw RequestRefused.BadRequest("token policies must be subset of the role's allowed policies or glob policies");
            if (role.Disallows(name))
                throw RequestRefused.BadRequest($"token policy \"{name}\" is disallowed by this role");
        }
        return addDefault ? TokenPolicies.WithDefault(wanted) : wanted;
    }
}
