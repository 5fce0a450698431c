using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>Views of lists. Lists never contain values.</summary>
internal static class ListView
{
    /// <summary>Names only: Vault's JSON form is the bare array.</summary>
    internal static View Names(IEnumerable<string> names, string header = "Keys")
    {
        var all = names.ToList();
        return new View(Array(all))
        {
            Sections = [new Section(null, [header], [.. all.Select(static n => (IReadOnlyList<string>)[n])])],
            Fields = [new JsonObject { ["keys"] = Array(all) }],
            Lines = Array(all),
        };
    }

    /// <summary>Rows with columns and a document of their own.</summary>
    internal static View Rows(JsonNode document, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) => new(document)
    {
        Sections = [new Section(null, header, [.. rows])],
        Fields = document is JsonObject map ? [map] : [],
        Lines = document switch
        {
            JsonArray list => list,
            JsonObject named => new JsonArray([.. named.Select(static p => WithPath(p.Key, p.Value))]),
            _ => null,
        },
    };

    /// <summary>The names of a <c>keys</c> array.</summary>
    internal static IEnumerable<string> Keys(JsonObject data) => (data["keys"] as JsonArray ?? []).Select(static k => k?.ToString() ?? "");

    private static JsonArray Array(IEnumerable<string> names) => new([.. names.Select(static n => (JsonNode?)JsonValue.Create(n))]);

    private static JsonNode? WithPath(string path, JsonNode? value)
    {
        var line = new JsonObject { ["path"] = path };
        foreach (var (key, member) in value as JsonObject ?? [])
        {
            line[key] = member?.DeepClone();
        }

        return line;
    }
}
