using System.Diagnostics.CodeAnalysis;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// The one canonical form of a policy name, for writing, looking up, attaching to tokens and deciding: lower-case
/// printable ASCII. What could be read as another name, as a path or as a list is refused instead of repaired.
/// </summary>
/// <remarks>
/// Only ASCII, because outside of it one name has several spellings (composed and decomposed letters, letters that
/// fold into ASCII such as the Kelvin sign, full-width letters) and every store would have to agree on them.
/// </remarks>
public static class PolicyNames
{
    public const string Root = "root";
    public const string Default = "default";
    public const string ResponseWrapping = "response-wrapping";
    public const string ControlGroup = "control-group";

    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>Lower-cases a name, or says in <paramref name="problem"/> why it is none.</summary>
    public static bool TryCanonicalize(
        string? given, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? problem)
    {
        problem = Problem(given);
        name = problem is null ? given?.ToLowerInvariant() : null;
        return name is not null;
    }

    /// <summary>As <see cref="TryCanonicalize"/>, but a bad name is a <see cref="PolicyException"/>.</summary>
    public static string Canonicalize(string given) =>
        TryCanonicalize(given, out var name, out var problem) ? name : throw new PolicyException(problem);

    /// <summary>Whether a text may be stored under this canonical name.</summary>
    public static bool MayBeWritten(string canonicalName) => canonicalName is not (Root or ResponseWrapping or ControlGroup);

    /// <summary>Whether the policy of this canonical name may be deleted.</summary>
    public static bool MayBeDeleted(string canonicalName) => MayBeWritten(canonicalName) && canonicalName != Default;

    /// <summary>
    /// Whether roles, entities and groups may carry this canonical name. Root comes only with a root token, the
    /// wrapping policies only with the tokens that the server makes for them.
    /// </summary>
    public static bool MayBeAssigned(string canonicalName) => MayBeWritten(canonicalName);

    private static string? Problem(string? given)
    {
        if (string.IsNullOrEmpty(given))
        {
            return "policy name is empty: give a name of letters, digits, '-', '_' or '.'";
        }

        if (given.Length > MaxLength)
        {
            return $"policy name is longer than {MaxLength} characters: give a shorter one";
        }

        if (given.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return "policy name holds a character that is no printable ASCII: give a name of letters, digits, '-', '_' or '.'";
        }

        if (given[0] == ' ' || given[^1] == ' ')
        {
            return "policy name starts or ends with a space: remove it";
        }

        if (given == "." || given.Contains("..", StringComparison.Ordinal) || given.AsSpan().ContainsAny("/\\%,"))
        {
            return "policy name holds '/', '\\', '%', ',' or '..': give a name without them";
        }

        return null;
    }
}
