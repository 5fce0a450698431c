using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Candlefish.Secrets.Vault.Audit.Entries;

/// <summary>
/// Copies JSON into an audit line: names stay, every value (text, number, true, false) becomes its HMAC, null stays null.
/// </summary>
internal static class RedactedJson
{
    /// <summary>Values of one object that are hashed one by one; a larger one is hashed as a whole.</summary>
    private const int MaxValues = 20_000;

    /// <summary>Longest member name in UTF-8 bytes that is shown.</summary>
    private const int MaxNameBytes = 128;

    private const int MaxDepth = 128;

    /// <summary>Appends the redacted value. What is not JSON, too deep or too large becomes <c>{"whole":HMAC}</c>.</summary>
    /// <param name="clearKeys">Members of the outermost object that are copied as they are.</param>
    /// <param name="isListing">The members <c>keys</c> and <c>key_info</c> become the number of their members.</param>
    public static void Append(AuditBuffer buffer, ReadOnlySpan<byte> json, AuditHasher hasher, IReadOnlyList<string> clearKeys, bool isListing)
    {
        int start = buffer.Length;
        if (TryAppend(buffer, json, hasher, clearKeys, isListing))
            return;
        buffer.Truncate(start);
        AppendWhole(buffer, json, hasher);
    }

    /// <summary>Appends <c>{"whole":HMAC}</c> of the bytes.</summary>
    public static void AppendWhole(AuditBuffer buffer, ReadOnlySpan<byte> bytes, AuditHasher hasher)
    {
        buffer.Append("{\"whole\":\""u8);
        hasher.Append(buffer, bytes);
        buffer.Append("\"}"u8);
    }

    private static bool TryAppend(AuditBuffer buffer, ReadOnlySpan<byte> json, AuditHasher hasher, IReadOnlyList<string> clearKeys, bool isListing)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            int values = 0;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    AppendName(buffer, ref reader, hasher);
                    if (reader.CurrentDepth != 1)
                        continue;
                    if (isListing && (reader.ValueTextEquals("keys"u8) || reader.ValueTextEquals("key_info"u8)))
                        AppendCount(buffer, ref reader);
                    else if (IsClear(ref reader, clearKeys))
                        AppendClear(buffer, ref reader, hasher);
                    continue;
                }
                if (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
                    buffer.AppendComma();
                if (!AppendStructure(buffer, reader.TokenType))
                {
                    if (++values > MaxValues)
                        return false;
                    buffer.Append((byte)'"');
                    HashValue(buffer, ref reader, hasher);
                    buffer.Append((byte)'"');
                }
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool AppendStructure(AuditBuffer buffer, JsonTokenType token)
    {
        switch (token)
        {
            case JsonTokenType.StartObject: buffer.Append((byte)'{'); return true;
            case JsonTokenType.EndObject: buffer.Append((byte)'}'); return true;
            case JsonTokenType.StartArray: buffer.Append((byte)'['); return true;
            case JsonTokenType.EndArray: buffer.Append((byte)']'); return true;
            case JsonTokenType.Null: buffer.Append("null"u8); return true;
            default: return false;
        }
    }

    private static void HashValue(AuditBuffer buffer, ref Utf8JsonReader reader, AuditHasher hasher)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.ValueIsEscaped)
        {
            hasher.Append(buffer, reader.ValueSpan);
            return;
        }
        byte[] text = new byte[reader.ValueSpan.Length];
        try
        {
            int length = reader.CopyString(text);
            hasher.Append(buffer, text.AsSpan(0, length));
        }
        catch (InvalidOperationException)
        {
            // Not Unicode: its escaped spelling stands for it.
            hasher.Append(buffer, reader.ValueSpan);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private static void AppendName(AuditBuffer buffer, ref Utf8JsonReader reader, AuditHasher hasher)
    {
        buffer.AppendComma();
        ReadOnlySpan<byte> name = reader.ValueSpan;
        if (name.Length > MaxNameBytes)
        {
            buffer.Append((byte)'"');
            hasher.Append(buffer, name);
            buffer.Append((byte)'"');
        }
        else if (!reader.ValueIsEscaped && !name.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e))
        {
            buffer.Append((byte)'"');
            buffer.Append(name);
            buffer.Append((byte)'"');
        }
        else
        {
            buffer.AppendString(Decoded(ref reader));
        }
        buffer.Append((byte)':');
    }

    private static string Decoded(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Not Unicode: shown as it was sent.
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    private static bool IsClear(ref Utf8JsonReader reader, IReadOnlyList<string> clearKeys)
    {
        for (int i = 0; i < clearKeys.Count; i++)
        {
            if (reader.ValueTextEquals(clearKeys[i]))
                return true;
        }
        return false;
    }

    private static void AppendClear(AuditBuffer buffer, ref Utf8JsonReader reader, AuditHasher hasher)
    {
        reader.Read();
        int depth = reader.CurrentDepth;
        while (true)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    AppendName(buffer, ref reader, hasher);
                    reader.Read();
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    AppendStructure(buffer, reader.TokenType);
                    break;
                case JsonTokenType.String:
                    buffer.AppendComma();
                    buffer.AppendString(Decoded(ref reader));
                    break;
                default:
                    buffer.AppendComma();
                    if (!AppendStructure(buffer, reader.TokenType))
                        buffer.Append(reader.ValueSpan);
                    break;
            }
            if (reader.CurrentDepth == depth && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                return;
            reader.Read();
        }
    }

    private static void AppendCount(AuditBuffer buffer, ref Utf8JsonReader reader)
    {
        reader.Read();
        int depth = reader.CurrentDepth;
        long count = 0;
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            bool isObject = reader.TokenType == JsonTokenType.StartObject;
            while (reader.Read() && reader.CurrentDepth > depth)
            {
                if (reader.CurrentDepth == depth + 1 && (isObject ? reader.TokenType == JsonTokenType.PropertyName : reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject)))
                    count++;
            }
        }
        buffer.Append(count);
    }
}
