using System.Text.Json;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>Values as Vault's tables show them: <c>[a b]</c>, <c>map[k:v]</c>, <c>&lt;nil&gt;</c>.</summary>
internal static class GoText
{
    internal static string Of(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonArray list => "[" + string.Join(' ', list.Select(Of)) + "]",
        JsonObject map => "map[" + string.Join(' ', map.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => p.Key + ":" + Of(p.Value))) + "]",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => JsonText.Compact(node),
    };
}
