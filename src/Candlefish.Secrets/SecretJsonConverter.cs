using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Candlefish.Secrets;

/// <summary>
/// Keeps a <see cref="Secret"/> out of JSON: it is written as <c>null</c>, and reading one is refused unless a converter
/// made with <c>allowRead: true</c> is put into the serializer's options.
/// </summary>
public sealed class SecretJsonConverter : JsonConverter<Secret>
{
    private readonly bool _allowRead;

    /// <summary>A converter that neither writes nor reads values.</summary>
    public SecretJsonConverter()
    {
    }

    /// <summary>A converter that never writes, and reads when told so.</summary>
    public SecretJsonConverter(bool allowRead)
    {
        _allowRead = allowRead;
    }

    /// <inheritdoc/>
    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (!_allowRead)
        {
            throw new JsonException("A secret is not read from JSON unless a SecretJsonConverter with allowRead is registered.");
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException("A secret in JSON must be a string.");
        }

        int most = checked((int)(reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length));
        byte[] text = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            int length = reader.CopyString(text);
            return Secret.FromUtf8(text.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteNullValue();
    }
}
