using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>JSON as text: two-space indentation, no needless escapes, numbers exactly as the server wrote them.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions IndentedOptions = new()
    {
        Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonWriterOptions CompactOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Indented(JsonNode? node) => Write(node, IndentedOptions);

    internal static string Compact(JsonNode? node) => Write(node, CompactOptions);

    /// <summary>UTF-8 for a request body.</summary>
    internal static byte[] Utf8(JsonNode node) => Bytes(node, CompactOptions).WrittenSpan.ToArray();

    /// <summary>The text of a scalar without quotes; null is <c>""</c>, objects and lists are compact JSON.</summary>
    internal static string Plain(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => Compact(node),
    };

    private static string Write(JsonNode? node, JsonWriterOptions options) => Encoding.UTF8.GetString(Bytes(node, options).WrittenSpan);

    private static ArrayBufferWriter<byte> Bytes(JsonNode? node, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, options);
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }

        writer.Flush();
        return buffer;
    }
}
