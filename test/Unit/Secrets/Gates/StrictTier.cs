using System.Text;
using System.Text.RegularExpressions;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Gates;

/// <summary>
/// What the compiler and its analyzers do not forbid: rules on the words of a source file, after comments, strings and
/// character literals are taken out.
/// </summary>
internal static partial class StrictTier
{
    private static readonly string[] AllowedErrors =
    [
        "SecretException", "ArgumentException", "ArgumentNullException", "ArgumentOutOfRangeException",
        "ObjectDisposedException", "InsufficientMemoryException", "JsonException",
    ];

    /// <summary>Each broken rule with its line, for one file.</summary>
    internal static IEnumerable<string> Check(string path, string source)
    {
        string code = Strip(source);
        bool isNative = path.Contains("/Native/", StringComparison.Ordinal);
        foreach (Match match in NullForgiving().Matches(code))
        {
            yield return Broken("a value taken without a check (!)", match);
        }

        foreach (Match match in Unchecked().Matches(code))
        {
            yield return Broken("unchecked arithmetic", match);
        }

        foreach (Match match in EmptyCatch().Matches(code))
        {
            yield return Broken("an empty catch", match);
        }

        foreach (Match match in Thrown().Matches(code))
        {
            if (!AllowedErrors.Contains(match.Groups[1].Value))
            {
                yield return Broken($"an error of type {match.Groups[1].Value}", match);
            }
        }

        foreach (Match match in isNative ? [] : Pointers().Matches(code).ToArray())
        {
            yield return Broken("pointers outside the folder Native", match);
        }

        foreach (Match match in Unfinished().Matches(source))
        {
            yield return Broken("an unfinished marker", match);
        }

        string Broken(string rule, Match match) =>
            $"{path}:{code[..Math.Min(match.Index, code.Length)].Count(c => c == '\n') + 1}: {rule}";
    }

    /// <summary>Blanks out comments and literals; line breaks and length stay.</summary>
    internal static string Strip(string source)
    {
        var code = new StringBuilder(source.Length);
        int i = 0;
        while (i < source.Length)
        {
            int length = LiteralLength(source, i);
            if (length == 0)
            {
                code.Append(source[i++]);
                continue;
            }

            foreach (char character in source.AsSpan(i, length))
            {
                code.Append(character == '\n' ? '\n' : ' ');
            }

            i += length;
        }

        return code.ToString();
    }

    private static int LiteralLength(string source, int at)
    {
        ReadOnlySpan<char> rest = source.AsSpan(at);
        if (rest.StartsWith("//"))
        {
            int end = rest.IndexOf('\n');
            return end < 0 ? rest.Length : end;
        }

        if (rest.StartsWith("/*"))
        {
            return rest.IndexOf("*/") + 2;
        }

        if (rest[0] == '\'')
        {
            return rest.Length > 3 && rest[1] == '\\' ? rest[2..].IndexOf('\'') + 3 : 3;
        }

        if (rest[0] != '"')
        {
            return 0;
        }

        int close = 1;
        while (close < rest.Length && rest[close] != '"')
        {
            close += rest[close] == '\\' ? 2 : 1;
        }

        return Math.Min(close + 1, rest.Length);
    }

    [GeneratedRegex(@"(?<=[\w\)\]>])!(?!=)")]
    private static partial Regex NullForgiving();

    [GeneratedRegex(@"\bunchecked\b")]
    private static partial Regex Unchecked();

    [GeneratedRegex(@"\bcatch\b[^{]*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"\bthrow\s+new\s+(\w+)")]
    private static partial Regex Thrown();

    [GeneratedRegex(@"\b(unsafe|fixed)\b|\bvoid\s*\*|\bbyte\s*\*")]
    private static partial Regex Pointers();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Unfinished();
}
