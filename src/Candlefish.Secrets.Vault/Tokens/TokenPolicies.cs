namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>Policy lists of tokens and roles: canonical names, each once, sorted.</summary>
public static class TokenPolicies
{
    /// <summary>The policy of tokens that may do everything; alone on a token, never given by a role or a login.</summary>
    public const string Root = "root";

    /// <summary>The policy that a token gets unless its maker says otherwise.</summary>
    public const string Default = "default";

    /// <summary>The policy of tokens that carry one wrapped response.</summary>
    public const string ResponseWrapping = "response-wrapping";

    /// <summary>Trims and lower-cases the names, drops empty ones and repetitions, sorts.</summary>
    public static IReadOnlyList<string> Canonical(IEnumerable<string> names)
    {
        var sorted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            string canonical = name.Trim().ToLowerInvariant();
            if (canonical.Length > 0)
                sorted.Add(canonical);
        }
        return [.. sorted];
    }

    /// <summary>The list with <see cref="Default"/> in it, unless the list is that of a root token.</summary>
    public static IReadOnlyList<string> WithDefault(IReadOnlyList<string> canonical) =>
        canonical.Contains(Root) ? canonical : Canonical(canonical.Append(Default));
}
