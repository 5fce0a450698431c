using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>
/// What a command has to show, independent of the format: the document for machines and the
/// sections for people.
/// </summary>
/// <param name="Document">Printed by <c>json</c> and <c>yaml</c>.</param>
internal sealed record View(JsonNode? Document)
{
    /// <summary>Printed by <c>table</c> and <c>tsv</c>.</summary>
    internal IReadOnlyList<Section> Sections { get; init; } = [];

    /// <summary>Where <c>--field</c> and <c>env</c> look, in this order.</summary>
    internal IReadOnlyList<JsonObject> Fields { get; init; } = [];

    /// <summary>Text printed as it is by <c>table</c>, <c>tsv</c> and <c>raw</c> instead of sections.</summary>
    internal string? Text { get; init; }

    /// <summary>A list of names or objects, for <c>jsonl</c>.</summary>
    internal JsonArray? Lines { get; init; }

    /// <summary>What <c>raw</c> prints; null prints the compact document.</summary>
    internal JsonNode? Raw { get; init; }
}

/// <summary>One table.</summary>
/// <param name="Title">Printed above it between <c>=</c> signs on a table, never in TSV; null for none.</param>
/// <param name="Header">Column names, printed by <c>table</c> only.</param>
/// <param name="Rows">Cells; each row as long as the header.</param>
internal sealed record Section(string? Title, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>From this row on the last column holds secret values, masked on a terminal; null for none.</summary>
    internal int? SecretFrom { get; init; }

    /// <summary>Left out of TSV, where only the data itself is wanted.</summary>
    internal bool TableOnly { get; init; }

    /// <summary>A line printed under the title before the rows, on a table only.</summary>
    internal string? Lead { get; init; }

    /// <summary>Two columns, Key and Value.</summary>
    internal static Section Pairs(IEnumerable<(string Key, string Value)> pairs, string? title = null) =>
        new(title, ["Key", "Value"], [.. pairs.Select(static p => (IReadOnlyList<string>)[p.Key, p.Value])]);
}
