using System.Globalization;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>
/// The names of identity, each with one canonical form that writing, looking up and deciding share.
/// </summary>
/// <remarks>
/// <para>Names of entities and groups keep their spelling and are unique without regard to letter case. Combining marks are
/// refused: with them one name would have a composed and a decomposed spelling.</para>
/// <para>Names of aliases belong to the auth method. Where it folds them it says so (<see cref="INamesAliases"/>); where it
/// does not, two spellings are two people.</para>
/// </remarks>
internal static class IdentityNames
{
    /// <summary>Longest name of an entity or group, in characters.</summary>
    public const int MaxLength = 256;

    /// <summary>Longest name of an alias, in characters.</summary>
    public const int MaxAliasLength = 1_024;

    /// <summary>Most pairs of metadata, and longest key and value in characters.</summary>
    public const int MaxPairs = 64;
    public const int MaxKeyLength = 128;
    public const int MaxValueLength = 512;

    /// <summary>Answers the name, or refuses it.</summary>
    /// <param name="what">For the error text: <c>entity</c> or <c>group</c>.</param>
    public static string Checked(string what, string name)
    {
        if (name.Length is 0 or > MaxLength)
            throw RequestRefused.BadRequest($"{what} name must have 1 to {MaxLength} characters");
        if (name[0] == ' ' || name[^1] == ' ')
            throw RequestRefused.BadRequest($"{what} name starts or ends with a space: remove it");
        for (int i = 0; i < name.Length; i += char.IsSurrogatePair(name, i) ? 2 : 1)
        {
            if (name[i] != ' ' && !IsPlain(CharUnicodeInfo.GetUnicodeCategory(name, i)))
                throw RequestRefused.BadRequest($"{what} name holds a character that is not printable, or a combining mark: leave it out");
        }
        return name;
    }

    /// <summary>The form in which names of entities and groups are compared.</summary>
    public static string Fold(string name) => name.ToUpperInvariant().ToLowerInvariant();

    /// <summary>The canonical name of an alias at a mount, or a refusal.</summary>
    public static string Alias(Mount mount, string name)
    {
        string canonical = mount.Backend is INamesAliases method ? method.CanonicalAlias(name) : name;
        if (canonical.Length is 0 or > MaxAliasLength || canonical.Any(char.IsControl))
            throw RequestRefused.BadRequest($"alias name must have 1 to {MaxAliasLength} characters, none of them a control character");
        return canonical;
    }

    /// <summary>The text may be an id of ours; anything else names nothing.</summary>
    public static bool IsId(string text) => text.Length == 36 && Guid.TryParseExact(text, "D", out Guid id) && id.ToString() == text;

    /// <summary>The text may be the accessor of a mount; anything else names nothing.</summary>
    public static bool IsAccessor(string text) => text.Length is > 0 and <= 256 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    /// <summary>The metadata, or a refusal.</summary>
    public static IReadOnlyDictionary<string, string>? Metadata(string field, IReadOnlyDictionary<string, string>? given)
    {
        if (given is null || given.Count == 0)
            return null;
        if (given.Count > MaxPairs)
            throw RequestRefused.BadRequest($"'{field}' must not have more than {MaxPairs} pairs");
        foreach ((string key, string value) in given)
        {
            if (key.Length is 0 or > MaxKeyLength)
                throw RequestRefused.BadRequest($"keys of '{field}' must have 1 to {MaxKeyLength} characters");
            if (value.Length > MaxValueLength)
                throw RequestRefused.BadRequest($"values of '{field}' must not have more than {MaxValueLength} characters");
        }
        return given;
    }

    public static bool SameMetadata(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other)
    {
        if ((one?.Count ?? 0) != (other?.Count ?? 0))
            return false;
        foreach ((string key, string value) in one ?? IdentityOfToken.NoPairs)
        {
            if (other?.GetValueOrDefault(key) != value)
                return false;
        }
        return true;
    }

    private static bool IsPlain(UnicodeCategory category) => category is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark);
}
