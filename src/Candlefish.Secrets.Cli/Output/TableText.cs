using System.Text;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>Tables in Vault's look: columns four blanks apart, dashes under the header, titles centred between <c>=</c>.</summary>
internal static class TableText
{
    internal const string Mask = "••••••••  (--reveal to show)";
    internal const string AsciiMask = "********  (--reveal to show)";

    /// <summary>Renders the sections; <paramref name="mask"/> replaces values of secret ones, null shows them.</summary>
    internal static string Of(IReadOnlyList<Section> sections, string? mask)
    {
        var text = new StringBuilder();
        foreach (var section in sections)
        {
            if (text.Length > 0)
            {
                text.Append('\n');
            }

            Append(text, section, mask);
        }

        return text.ToString();
    }

    /// <summary>Columns an East Asian or emoji character takes are not measured: names and values here are mostly ASCII.</summary>
    private static int Width(string cell) => cell.AsSpan().Length;

    private static void Append(StringBuilder text, Section section, string? mask)
    {
        var rows = new List<IReadOnlyList<string>>();
        if (section.Header.Count > 0)
        {
            rows.Add(section.Header);
            rows.Add([.. section.Header.Select(static h => new string('-', h.Length))]);
        }

        for (var i = 0; i < section.Rows.Count; i++)
        {
            var row = section.Rows[i];
            rows.Add(mask is not null && i >= section.SecretFrom ? [.. row.Take(row.Count - 1), mask] : row);
        }

        var widths = Widths(rows);
        if (section.Title is { } title)
        {
            var total = Math.Max(section.Lead?.Length ?? 0, widths.Sum() + (4 * Math.Max(0, widths.Length - 1)));
            var side = Math.Max(2, (total - title.Length - 2) / 2);
            text.Append('=', side).Append(' ').Append(title).Append(' ').Append('=', side).Append('\n');
        }

        if (section.Lead is { } lead)
        {
            text.Append(lead).Append('\n');
        }

        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count; i++)
            {
                text.Append(row[i]);
                if (i < row.Count - 1)
                {
                    text.Append(' ', widths[i] - Width(row[i]) + 4);
                }
            }

            text.Append('\n');
        }
    }

    private static int[] Widths(List<IReadOnlyList<string>> rows)
    {
        var widths = new int[rows.Count == 0 ? 0 : rows.Max(static r => r.Count)];
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count; i++)
            {
                widths[i] = Math.Max(widths[i], Width(row[i]));
            }
        }

        return widths;
    }
}
