using System.Buffers;
using System.Text.Json;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// The parameters of a request: the JSON object of the body, or the query of a request without one.
/// </summary>
/// <remarks>
/// Parsing waits until something asks, so that a rate limit refuses a flood before it costs a parse. The document is
/// bounded: depth, number of strings, no duplicate names. Not thread-safe; one request, one owner.
/// </remarks>
public sealed class RequestData : IDisposable
{
    /// <summary>Deepest nesting of a body.</summary>
    public const int MaxDepth = 64;

    /// <summary>Most strings (names and values) in one body.</summary>
    public const int MaxStrings = 20_000;

    public static readonly RequestData Empty = new(ReadOnlyMemory<byte>.Empty);

    private readonly ReadOnlyMemory<byte> _utf8;
    private JsonDocument? _document;

    /// <param name="utf8">The body; empty = no parameters. Owned by the request, cleared on <see cref="Dispose"/>.</param>
    public RequestData(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    /// <summary>The body as sent.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8;

    public bool IsEmpty => _utf8.IsEmpty;

    /// <summary>The body as a JSON object, all of whose texts can be read; <see langword="null"/> when there is none.</summary>
    /// <exception cref="RequestRefused">400: not JSON, not an object, too deep, too many strings, a name twice.</exception>
    public JsonElement? Root
    {
        get
        {
            if (_utf8.IsEmpty)
                return null;
            _document ??= ParseBounded(_utf8);
            return _document.RootElement;
        }
    }

    /// <summary>Parameters from name/value pairs (query, form); a name given twice becomes a list.</summary>
    public static RequestData FromPairs(IEnumerable<KeyValuePair<string, string[]>> pairs)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, string[] values) in pairs)
            {
                if (values.Length == 1)
                    writer.WriteString(name, values[0]);
                else
                    writer.WriteStrings(name, values);
            }
            writer.WriteEndObject();
        }
        return new RequestData(buffer.WrittenMemory);
    }

    /// <summary>Forgets the parsed document. The door clears the bytes that it lent.</summary>
    public void Dispose()
    {
        _document?.Dispose();
        _document = null;
    }

    private static JsonDocument ParseBounded(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            CountStrings(utf8.Span);
            var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            throw RequestRefused.BadRequest("failed to parse JSON input: the body must be a JSON object");
        }
        catch (JsonException e)
        {
            throw RequestRefused.BadRequest(Describe(e));
        }
    }

    private static void CountStrings(ReadOnlySpan<byte> utf8)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
            throw RequestRefused.BadRequest("failed to parse JSON input: the body is not valid UTF-8");
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        int strings = 0;
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                continue;
            if (++strings > MaxStrings)
                throw RequestRefused.BadRequest($"failed to parse JSON input: more than {MaxStrings} strings; send smaller requests");
            if (reader.ValueIsEscaped && HasHalfCharacter(reader.ValueSpan))
                throw RequestRefused.BadRequest("failed to parse JSON input: a \\u escape names half a character");
        }
    }

    /// <summary>A surrogate escape without its partner: valid JSON, but no text, and the library throws on reading it.</summary>
    private static bool HasHalfCharacter(ReadOnlySpan<byte> escaped)
    {
        bool wantsLow = false;
        for (int i = 0; i < escaped.Length; i++)
        {
            int unit = 0;
            if (escaped[i] == (byte)'\\' && escaped[++i] == (byte)'u')
            {
                unit = (HexValue(escaped[i + 1]) << 12) | (HexValue(escaped[i + 2]) << 8) | (HexValue(escaped[i + 3]) << 4) | HexValue(escaped[i + 4]);
                i += 4;
            }
            bool isLow = unit is >= 0xDC00 and <= 0xDFFF;
            if (isLow != wantsLow)
                return true;
            wantsLow = unit is >= 0xD800 and <= 0xDBFF;
        }
        return wantsLow;
    }

    private static int HexValue(byte digit) => digit <= (byte)'9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    // The library's message may quote a name of the body: only the position is passed on.
    private static string Describe(JsonException e) => e.LineNumber is { } line
        ? $"failed to parse JSON input: invalid JSON at line {line + 1}, byte {(e.BytePositionInLine ?? 0) + 1}"
        : "failed to parse JSON input: the same name appears twice in one object";
}
