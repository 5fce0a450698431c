using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets;

/// <summary>Keeps a <see cref="SecretKey"/> out of JSON: it is written as <c>null</c> and never read.</summary>
public sealed class SecretKeyJsonConverter : JsonConverter<SecretKey>
{
    /// <inheritdoc/>
    public override SecretKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new JsonException("A secret key is not read from JSON. Load it with SecretKey.LoadFromFile.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SecretKey value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNullValue();
    }
}
