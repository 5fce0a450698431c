using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// Reads the parameters of a request with the leniency of the Vault API: numbers and booleans as text, lists as comma
/// text, maps as <c>k=v</c> lists, durations in either form. Captured path segments win over body members.
/// </summary>
/// <remarks>
/// Getters return <see langword="null"/> for an absent parameter. JSON <c>null</c> counts as absent.
/// A value of the wrong type ends the request with 400 naming the field, never the value.
/// </remarks>
public readonly struct FieldReader(RouteMatch match, RequestData data)
{
    private readonly RouteMatch _match = match;
    private readonly RequestData _data = data;

    /// <summary>The parameter was sent (a JSON null was not).</summary>
    public bool Has(string name) => _match.Capture(name) is not null || Find(name) is not null;

    public string? Text(string name)
    {
        if (_match.Capture(name) is { } captured)
            return captured;
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => throw Wrong(name, "text"),
        };
    }

    /// <summary>
    /// The text as UTF-8, without a string on the way: for passwords. The caller owns the array and zeroes it.
    /// </summary>
    public byte[]? SecretText(string name)
    {
        if (_match.Capture(name) is { } captured)
            return Encoding.UTF8.GetBytes(captured);
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False))
            throw Wrong(name, "text");
        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value);
        if (value.ValueKind != JsonValueKind.String)
            return raw.ToArray();
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        byte[] unescaped = new byte[raw.Length];
        int length = reader.CopyString(unescaped);
        byte[] text = unescaped.AsSpan(0, length).ToArray();
        CryptographicOperations.ZeroMemory(unescaped);
        return text;
    }

    /// <summary>The text, or 400 <c>missing NAME</c>.</summary>
    public string RequiredText(string name) =>
        Text(name) is { Length: > 0 } text ? text : throw RequestRefused.BadRequest($"missing {name}");

    public long? Whole(string name)
    {
        if (_match.Capture(name) is null && Find(name) is { ValueKind: JsonValueKind.Number } number)
            return number.TryGetInt64(out long exact) ? exact : throw Wrong(name, "a whole number");
        if (Text(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long parsed)
            ? parsed
            : throw Wrong(name, "a whole number");
    }

    /// <summary>A whole number that must fit an <see cref="int"/> and lie in the given range.</summary>
    public int? Whole(string name, int min, int max)
    {
        if (Whole(name) is not { } value)
            return null;
        return value >= min && value <= max
            ? (int)value
            : throw RequestRefused.BadRequest(string.Create(CultureInfo.InvariantCulture, $"'{name}' must be between {min} and {max}"));
    }

    public double? Number(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) && double.IsFinite(parsed)
            ? parsed
            : throw Wrong(name, "a number");
    }

    public bool? Flag(string name) => Text(name) switch
    {
        null or "" => null,
        "true" or "True" or "TRUE" or "t" or "T" or "1" => true,
        "false" or "False" or "FALSE" or "f" or "F" or "0" => false,
        _ => throw Wrong(name, "true or false"),
    };

    public TimeSpan? Duration(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return WireTime.TryParseDuration(text, out TimeSpan value) ? value : throw Wrong(name, "a duration such as 30, 15m or 1h30m");
    }

    /// <summary>A duration that must not be negative.</summary>
    public TimeSpan? Ttl(string name)
    {
        TimeSpan? value = Duration(name);
        return value < TimeSpan.Zero ? throw RequestRefused.BadRequest($"'{name}' must not be negative") : value;
    }

    public IReadOnlyList<string>? TextList(string name)
    {
        if (_match.Capture(name) is { } captured)
            return [captured];
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Array)
        {
            var list = new List<string>(value.GetArrayLength());
            foreach (JsonElement item in value.EnumerateArray())
            {
                list.Add(item.ValueKind switch
                {
                    JsonValueKind.String => item.GetString() ?? "",
                    JsonValueKind.Number => item.GetRawText(),
                    _ => throw Wrong(name, "a list of texts"),
                });
            }
            return list;
        }
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
            throw Wrong(name, "a list of texts");
        string text = value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();
        return text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    public IReadOnlyDictionary<string, string>? Map(string name)
    {
        if (Find(name) is not { } value)
            return null;
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    map[member.Name] = member.Value.ValueKind switch
                    {
                        JsonValueKind.String => member.Value.GetString() ?? "",
                        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => member.Value.GetRawText(),
                        _ => throw Wrong(name, "a map of texts"),
                    };
                }
                return map;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                    AddPair(name, map, item.ValueKind == JsonValueKind.String ? item.GetString() ?? "" : "");
                return map;
            case JsonValueKind.String:
                return MapFromText(name, map, value.GetString() ?? "");
            default:
                throw Wrong(name, "a map of texts");
        }
    }

    /// <summary>The raw JSON value.</summary>
    public JsonElement? Any(string name) => Find(name);

    /// <summary>The whole body.</summary>
    public JsonElement? Body => _data.Root;

    private static SortedDictionary<string, string> MapFromText(string name, SortedDictionary<string, string> map, string text)
    {
        if (text.AsSpan().TrimStart().StartsWith("{"))
        {
            try
            {
                using JsonDocument inner = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
                foreach (JsonProperty member in inner.RootElement.EnumerateObject())
                {
                    map[member.Name] = member.Value.ValueKind == JsonValueKind.String
                        ? member.Value.GetString() ?? ""
                        : member.Value.GetRawText();
                }
                return map;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw Wrong(name, "a map of texts");
            }
        }
        foreach (string pair in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            AddPair(name, map, pair);
        return map;
    }

    private static void AddPair(string name, SortedDictionary<string, string> map, string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw Wrong(name, "a map, or a list of key=value texts");
        map[pair[..equals]] = pair[(equals + 1)..];
    }

    private JsonElement? Find(string name) =>
        _data.Root is { } root && root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static RequestRefused Wrong(string name, string expected) =>
        RequestRefused.BadRequest($"error converting input for field \"{name}\": expected {expected}");
}
