using System.Buffers;
using System.Text;

namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// Reads <c>&lt;&lt;EOT</c> and <c>&lt;&lt;-EOT</c>. The closing marker may be indented in both. The text keeps its last
/// line feed. With <c>-</c>, the indentation of the closing marker is cut from every line when every line has it.
/// </summary>
internal static class HclHeredocReader
{
    private static readonly SearchValues<char> s_markerCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    public static string Read(HclCursor cursor)
    {
        var start = cursor.Position;
        if (!cursor.StartsWith("<<"))
        {
            throw new HclException(start, "expected '<<' and a marker to start a heredoc");
        }

        cursor.Advance(2);
        var unindent = !cursor.AtEnd && cursor.Current == '-';
        cursor.Advance(unindent ? 1 : 0);
        var marker = cursor.TakeLine().TrimEnd('\r').ToString();
        if (marker.Length == 0 || marker.AsSpan().ContainsAnyExcept(s_markerCharacters))
        {
            throw new HclException(start, "expected a marker of letters, digits and '_' after '<<', then a line end");
        }

        var lines = new List<string>();
        while (!cursor.AtEnd)
        {
            var line = cursor.TakeLine();
            if (line.TrimEnd('\r').TrimStart(" \t").Equals(marker, StringComparison.Ordinal))
            {
                var indentation = line[..^line.TrimStart(" \t").Length].ToString();
                return Join(lines, unindent && AllStartWith(lines, indentation) ? indentation.Length : 0);
            }

            lines.Add(line.ToString());
        }

        throw new HclException(start, "expected a line with the marker of this heredoc to end it");
    }

    private static bool AllStartWith(List<string> lines, string indentation) =>
        lines.TrueForAll(line => IsBlank(line) || line.StartsWith(indentation, StringComparison.Ordinal));

    private static string Join(List<string> lines, int cut)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            text.Append(line.AsSpan(Math.Min(cut, line.Length))).Append('\n');
        }

        return text.ToString();
    }

    private static bool IsBlank(string line) => line.AsSpan().IsWhiteSpace();
}
