using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>Policy lists of tokens and roles: canonical names, each once, sorted.</summary>
public static class TokenPolicies
{
    /// <summary>Canonical names, without empty ones and repetitions; a list that holds <c>root</c> is only <c>root</c>.</summary>
    /// <exception cref="RequestRefused">400: one of them cannot be the name of a policy.</exception>
    public static IReadOnlyList<string> Canonical(IEnumerable<string> names)
    {
        var sorted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (name.Length == 0)
                continue;
            if (!PolicyNames.TryCanonicalize(name, out string? canonical, out string? problem))
                throw RequestRefused.BadRequest(problem);
            sorted.Add(canonical);
        }
        return sorted.Contains(PolicyNames.Root) ? [PolicyNames.Root] : [.. sorted];
    }

    /// <summary>The list with <c>default</c> in it, unless it is that of a root token.</summary>
    public static IReadOnlyList<string> WithDefault(IReadOnlyList<string> canonical) =>
        canonical.Contains(PolicyNames.Root) || canonical.Contains(PolicyNames.Default) ? canonical : Canonical(canonical.Append(PolicyNames.Default));

    /// <summary>The first name that a login or a role may not give; <see langword="null"/> when all may be given.</summary>
    public static string? Unassignable(IEnumerable<string> canonical) => canonical.FirstOrDefault(static n => !PolicyNames.MayBeAssigned(n));

    /// <summary>Both lists grant the same, apart from <c>default</c>.</summary>
    public static bool AreEquivalent(IEnumerable<string> one, IEnumerable<string> other) =>
        one.Where(static n => n != PolicyNames.Default).ToHashSet(StringComparer.Ordinal)
            .SetEquals(other.Where(static n => n != PolicyNames.Default));
}
