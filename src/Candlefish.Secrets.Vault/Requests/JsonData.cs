using System.Buffers;
using System.Text.Json;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// One JSON value as UTF-8 text: how data travels from an engine to the wire without becoming strings on the way.
/// </summary>
/// <remarks>
/// The bytes are assumed to be valid JSON: they come from a <see cref="Utf8JsonWriter"/> or from a body that was
/// validated at the door. <see cref="IsNone"/> is the absence of a value, not JSON <c>null</c>.
/// </remarks>
public readonly struct JsonData
{
    private readonly ReadOnlyMemory<byte> _utf8;

    public JsonData(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    public ReadOnlyMemory<byte> Utf8 => _utf8;

    public bool IsNone => _utf8.IsEmpty;

    /// <summary>Writes one object: <paramref name="members"/> writes what is between the braces.</summary>
    public static JsonData Object(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return new JsonData(buffer.WrittenMemory);
    }

    /// <summary>The answer of LIST: <c>{"keys":[…]}</c>.</summary>
    public static JsonData Keys(IEnumerable<string> keys) => Object(w => w.WriteStrings("keys", keys));

    /// <summary>Parses the value; the caller disposes the document.</summary>
    public JsonDocument Parse() => JsonDocument.Parse(_utf8);

    /// <summary>
    /// Writer options of everything that goes to the wire: quotes, backslash and control characters are escaped,
    /// everything else is sent as it is.
    /// </summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };
}

/// <summary>Shapes that many answers share.</summary>
public static class JsonWriterShapes
{
    public static void WriteStrings(this Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    /// <summary>Writes a flat map of text; <see langword="null"/> becomes JSON null.</summary>
    public static void WriteMap(this Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, string>>? map)
    {
        if (map is null)
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        foreach ((string key, string value) in map)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    /// <summary>Whole seconds.</summary>
    public static void WriteSeconds(this Utf8JsonWriter writer, string name, TimeSpan value) =>
        writer.WriteNumber(name, (long)value.TotalSeconds);

    /// <summary>RFC 3339 with nanoseconds, UTC; <see langword="null"/> becomes the empty string (unset times of KV).</summary>
    public static void WriteTime(this Utf8JsonWriter writer, string name, DateTimeOffset? value) =>
        writer.WriteString(name, value is { } v ? WireTime.Format(v) : "");
}
