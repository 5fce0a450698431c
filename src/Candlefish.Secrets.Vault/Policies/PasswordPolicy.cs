using System.Security.Cryptography;
using System.Text;
using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// How generated passwords look (Vault API: <c>sys/policies/password/:name</c>): a length and sets of characters, each
/// with the number of characters that must come from it.
/// </summary>
/// <remarks>
/// <code>
/// length = 20
/// rule "charset" {
///   charset   = "abcdefghijklmnopqrstuvwxyz"
///   min-chars = 1
/// }
/// </code>
/// Characters come from <see cref="RandomNumberGenerator"/> without modulo bias. Immutable and thread-safe.
/// </remarks>
public sealed class PasswordPolicy
{
    /// <summary>Bounds of <c>length</c>.</summary>
    public const int MinLength = 4, MaxLength = 1_000;

    private const int MaxRules = 32;

    private static readonly HashSet<string> s_topLevel = new(StringComparer.Ordinal) { "length", "rule" };

    private static readonly HashSet<string> s_ruleKeys = new(StringComparer.Ordinal) { "charset", "min-chars" };

    private readonly (int[] Characters, int Minimum)[] _sets;
    private readonly int[] _all;

    private PasswordPolicy(string text, int length, (int[] Characters, int Minimum)[] sets)
    {
        Text = text;
        Length = length;
        _sets = sets;
        _all = [.. sets.SelectMany(set => set.Characters).Distinct()];
    }

    /// <summary>Used where none is named: 20 characters with a small and a capital letter, a digit and a dash.</summary>
    public static PasswordPolicy Standard { get; } = Parse("""
        length = 20
        rule "charset" { charset = "abcdefghijklmnopqrstuvwxyz" min-chars = 1 }
        rule "charset" { charset = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" min-chars = 1 }
        rule "charset" { charset = "0123456789" min-chars = 1 }
        rule "charset" { charset = "-" min-chars = 1 }
        """);

    /// <summary>As written, to be stored and read back.</summary>
    public string Text { get; }

    /// <summary>Characters of a generated password.</summary>
    public int Length { get; }

    /// <summary>Parses HCL or JSON. What cannot be accepted is a <see cref="PolicyException"/>.</summary>
    public static PasswordPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return Read(text, HclDocument.Parse(text).Root);
        }
        catch (HclException e)
        {
            throw new PolicyException(e);
        }
    }

    /// <summary>A new password as UTF-8. The caller owns the array and clears it after use.</summary>
    /// <remarks>
    /// Each set gives its minimum, the rest comes from all sets together, then the order is shuffled, so that nothing is
    /// known about which place holds what.
    /// </remarks>
    public byte[] Generate()
    {
        Span<int> characters = stackalloc int[Length];
        var next = 0;
        foreach (var (set, minimum) in _sets)
        {
            for (var i = 0; i < minimum; i++)
            {
                characters[next++] = Pick(set);
            }
        }

        while (next < characters.Length)
        {
            characters[next++] = Pick(_all);
        }

        RandomNumberGenerator.Shuffle(characters);
        var password = ToUtf8(characters);
        characters.Clear();
        return password;
    }

    private static PasswordPolicy Read(string text, HclBlock root)
    {
        if (root.FirstUnknown(s_topLevel) is { } unknown)
        {
            throw new PolicyException(unknown.Position, $"invalid key {PolicyRuleParser.Quote(unknown.Name)}: expected length or rule");
        }

        var length = (root.Value("length") ?? throw new PolicyException(root.Position, "length is missing")).AsInteger();
        if (length is < MinLength or > MaxLength)
        {
            throw new PolicyException(root.Position, $"length is not from {MinLength} to {MaxLength}");
        }

        var rules = root.Sections("rule", labels: 1);
        if (rules.Count is 0 or > MaxRules)
        {
            throw new PolicyException(root.Position, $"expected 1 to {MaxRules} rules of the form rule \"charset\" {{ … }}");
        }

        var sets = rules.Select(Set).ToArray();
        return sets.Sum(set => (long)set.Minimum) <= length
            ? new PasswordPolicy(text, (int)length, sets)
            : throw new PolicyException(root.Position, "the sum of min-chars is larger than length");
    }

    private static (int[] Characters, int Minimum) Set(HclBlock rule)
    {
        if (rule.Labels[0] != "charset")
        {
            throw new PolicyException(rule.Position, $"invalid rule {PolicyRuleParser.Quote(rule.Labels[0])}: expected charset");
        }

        if (rule.FirstUnknown(s_ruleKeys) is { } unknown)
        {
            throw new PolicyException(unknown.Position, $"invalid key {PolicyRuleParser.Quote(unknown.Name)}: expected charset or min-chars");
        }

        var charset = (rule.Value("charset") ?? throw new PolicyException(rule.Position, "charset is missing")).AsString();
        int[] characters = [.. charset.EnumerateRunes().Select(rune => rune.Value).Distinct()];
        if (characters.Length == 0 || characters.Any(character => !IsPrintable(new Rune(character))))
        {
            throw new PolicyException(rule.Position, "charset is empty or holds a character that is not printable");
        }

        var minimum = rule.Value("min-chars")?.AsInteger() ?? 0;
        return minimum is >= 0 and <= MaxLength
            ? (characters, (int)minimum)
            : throw new PolicyException(rule.Position, $"min-chars is not from 0 to {MaxLength}");
    }

    private static bool IsPrintable(Rune rune) =>
        rune.Value == ' ' || !(Rune.IsControl(rune) || Rune.IsWhiteSpace(rune)
            || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.OtherNotAssigned
                or System.Globalization.UnicodeCategory.PrivateUse);

    private static int Pick(int[] set) => set[RandomNumberGenerator.GetInt32(set.Length)];

    private static byte[] ToUtf8(ReadOnlySpan<int> characters)
    {
        var length = 0;
        foreach (var character in characters)
        {
            length += new Rune(character).Utf8SequenceLength;
        }

        var password = new byte[length];
        var written = 0;
        foreach (var character in characters)
        {
            written += new Rune(character).EncodeToUtf8(password.AsSpan(written));
        }

        return password;
    }
}
