using System.Text;

namespace Candlefish.Secrets.Cli.Commands.Policy;

/// <summary>
/// The standard layout of HCL: two blanks per level of brackets, one blank around <c>=</c>, no blanks
/// at line ends, at most one empty line, one newline at the end. Line breaks, comments, strings and
/// heredocs stay as they are.
/// </summary>
internal static class HclLayout
{
    internal static string Format(string text)
    {
        var result = new StringBuilder(text.Length);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var depth = 0;
        var inComment = false;
        string? heredoc = null;
        foreach (var line in lines)
        {
            if (heredoc is not null)
            {
                result.Append(line).Append('\n');
                heredoc = line.Trim() == heredoc ? null : heredoc;
                continue;
            }

            var trimmed = line.Trim();
            if (inComment)
            {
                result.Append(line.TrimEnd()).Append('\n');
                inComment = !trimmed.Contains("*/", StringComparison.Ordinal);
                continue;
            }

            if (trimmed.Length == 0)
            {
                AppendEmpty(result);
                continue;
            }

            var scan = Scan(trimmed);
            result.Append(' ', Math.Max(0, depth - scan.LeadingClosers) * 2).Append(scan.Text).Append('\n');
            depth = Math.Max(0, depth + scan.Balance);
            heredoc = scan.Heredoc;
            inComment = scan.OpensComment;
        }

        return result.ToString().Trim('\n') + "\n";
    }

    private static void AppendEmpty(StringBuilder result)
    {
        if (result.Length > 0 && !(result.Length > 1 && result[^1] == '\n' && result[^2] == '\n'))
        {
            result.Append('\n');
        }
    }

    private readonly record struct Line(string Text, int Balance, int LeadingClosers, string? Heredoc, bool OpensComment);

    /// <summary>Reads one trimmed line: counts its brackets outside strings and comments and spaces its first <c>=</c>.</summary>
    private static Line Scan(string line)
    {
        var (balance, leading, equals, quoted) = (0, 0, -1, false);
        var isLeading = true;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quoted)
            {
                i += c == '\\' ? 1 : 0;
                quoted = c != '"';
                continue;
            }

            if (c == '#' || (c == '/' && i + 1 < line.Length && line[i + 1] == '/'))
            {
                break;
            }

            if (c == '/' && i + 1 < line.Length && line[i + 1] == '*')
            {
                var end = line.IndexOf("*/", i + 2, StringComparison.Ordinal);
                if (end < 0)
                {
                    return new Line(Spaced(line, equals), balance, leading, null, OpensComment: true);
                }

                i = end + 1;
                continue;
            }

            if (c == '<' && line.AsSpan(i).StartsWith("<<"))
            {
                return new Line(Spaced(line, equals), balance, leading, line[(i + 2)..].TrimStart('-').Trim(), OpensComment: false);
            }

            var closes = c is '}' or ']' or ')';
            leading += closes && isLeading ? 1 : 0;
            isLeading &= closes || c is ',' or ' ';
            balance += c is '{' or '[' or '(' ? 1 : closes ? -1 : 0;
            quoted = c == '"';
            equals = c == '=' && equals < 0 ? i : equals;
        }

        return new Line(Spaced(line, equals), balance, leading, null, OpensComment: false);
    }

    private static string Spaced(string line, int equals) =>
        equals <= 0 ? line : line[..equals].TrimEnd() + " = " + line[(equals + 1)..].TrimStart();
}
