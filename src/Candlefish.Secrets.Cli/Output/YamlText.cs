using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>Block-style YAML of a JSON document. Strings a YAML reader could take for something else are double-quoted.</summary>
internal static partial class YamlText
{
    internal static string Of(JsonNode? node)
    {
        var text = new StringBuilder();
        switch (node)
        {
            case JsonObject { Count: > 0 } map:
                Map(text, map, 0);
                break;
            case JsonArray { Count: > 0 } list:
                List(text, list, 0);
                break;
            default:
                text.Append(Scalar(node)).Append('\n');
                break;
        }

        return text.ToString();
    }

    private static void Map(StringBuilder text, JsonObject map, int indent)
    {
        var first = true;
        foreach (var (key, value) in map)
        {
            // The first key of a list item stands on the line of its dash.
            text.Append(' ', first && text.Length > 0 && text[^1] == ' ' ? 0 : indent).Append(Quote(key)).Append(':');
            first = false;
            Value(text, value, indent, listIndent: indent);
        }
    }

    private static void List(StringBuilder text, JsonArray list, int indent)
    {
        foreach (var item in list)
        {
            text.Append(' ', indent).Append('-');
            if (item is JsonObject { Count: > 0 } map)
            {
                text.Append(' ');
                Map(text, map, indent + 2);
            }
            else
            {
                Value(text, item, indent, listIndent: indent + 2);
            }
        }
    }

    private static void Value(StringBuilder text, JsonNode? value, int indent, int listIndent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                Map(text, map, indent + 2);
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                List(text, list, listIndent);
                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static string Scalar(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Quote(value.GetValue<string>()),
        _ => JsonText.Compact(node),
    };

    private static string Quote(string value) =>
        Plain().IsMatch(value) && !Reserved().IsMatch(value) ? value : JsonText.Compact(JsonValue.Create(value));

    [GeneratedRegex(@"\A[A-Za-z_/][A-Za-z0-9_./+@%-]*( [A-Za-z0-9_./+@%-]+)*\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A(?i:true|false|null|yes|no|on|off|y|n|~|\.nan|\.inf)\z")]
    private static partial Regex Reserved();
}
