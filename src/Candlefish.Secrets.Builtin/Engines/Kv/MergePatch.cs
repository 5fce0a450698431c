using System.Runtime.InteropServices;
using System.Text.Json;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>JSON merge patch, RFC 7396 §2, on raw values: whatever is not merged keeps its bytes.</summary>
internal static class MergePatch
{
    /// <summary>Writes <paramref name="target"/> changed by <paramref name="patch"/>. A target that is no object counts as empty.</summary>
    public static void Write(JsonElement? target, JsonElement patch, Utf8JsonWriter writer)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            WriteRaw(patch, writer);
            return;
        }
        writer.WriteStartObject();
        JsonElement? merged = target is { ValueKind: JsonValueKind.Object } ? target : null;
        if (merged is { } old)
        {
            foreach (JsonProperty member in old.EnumerateObject())
            {
                if (!patch.TryGetProperty(member.Name, out JsonElement change))
                {
                    writer.WritePropertyName(member.Name);
                    WriteRaw(member.Value, writer);
                }
                else if (change.ValueKind != JsonValueKind.Null)
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, change, writer);
                }
            }
        }
        foreach (JsonProperty change in patch.EnumerateObject())
        {
            if (change.Value.ValueKind == JsonValueKind.Null || (merged is { } known && known.TryGetProperty(change.Name, out _)))
                continue;
            writer.WritePropertyName(change.Name);
            Write(null, change.Value, writer);
        }
        writer.WriteEndObject();
    }

    private static void WriteRaw(JsonElement value, Utf8JsonWriter writer) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
}
