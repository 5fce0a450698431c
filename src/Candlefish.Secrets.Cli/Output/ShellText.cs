using System.Text;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>Lines that a POSIX shell can <c>eval</c>, and tab-separated cells.</summary>
internal static class ShellText
{
    /// <summary><c>export NAME='value'</c> per field; characters no variable name may have become <c>_</c>.</summary>
    internal static string Exports(JsonObject fields)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in fields)
        {
            text.Append("export ").Append(Name(key)).Append('=').Append(Quote(JsonText.Plain(value))).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Single quotes, each single quote inside as <c>'\''</c>.</summary>
    internal static string Quote(string value) => "'" + value.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>Cells between tabs; tab, newline, return and backslash inside a cell are written <c>\t \n \r \\</c>.</summary>
    internal static string Tsv(IEnumerable<string> cells) => string.Join('\t', cells.Select(static c => c
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "\\r", StringComparison.Ordinal)));

    private static string Name(string key)
    {
        var name = new StringBuilder(key.Length);
        foreach (var c in key)
        {
            name.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        }

        return name.Length == 0 || char.IsAsciiDigit(name[0]) ? "_" + name : name.ToString();
    }
}
