using System.Text;
using System.Text.Json;

namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// Builds the same tree from JSON: an object under a name is a block without labels, a list stays a list (of objects:
/// <see cref="HclBlock.Sections"/> reads them as blocks), <c>null</c> is refused, a name occurs once in its object.
/// </summary>
internal ref struct HclJsonParser
{
    private readonly ReadOnlySpan<byte> _utf8;
    private readonly HclItemCounter _items;
    private Utf8JsonReader _reader;
    private long _countedTo;
    private int _line;
    private long _lineStart;

    private HclJsonParser(ReadOnlySpan<byte> utf8)
    {
        _utf8 = utf8;
        _items = new HclItemCounter();
        _reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = HclLimits.MaxDepth + 1 });
        _line = 1;
    }

    public static HclBlock Parse(ReadOnlySpan<byte> utf8)
    {
        var parser = new HclJsonParser(utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[3..] : utf8);
        try
        {
            parser._reader.Read();
            var root = parser.Object("", parser.Position());
            parser._reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            var column = (int)Math.Min(e.BytePositionInLine ?? 0, int.MaxValue - 1) + 1;
            throw new HclException(
                new HclPosition((int)(e.LineNumber ?? 0) + 1, column),
                $"expected well-formed JSON of at most {HclLimits.MaxDepth} levels");
        }
    }

    private HclBlock Object(string type, HclPosition position)
    {
        var attributes = new List<HclAttribute>();
        var blocks = new List<HclBlock>();
        var names = new HclNames();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = Position();
            var name = Text(start);
            _items.Count(start);
            names.AddAssigned(name, start);
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.StartObject)
            {
                blocks.Add(Object(name, start));
            }
            else
            {
                attributes.Add(new HclAttribute(name, Value(), start));
            }
        }

        return new HclBlock(type, [], position, attributes, blocks);
    }

    private HclValue Value()
    {
        var position = Position();
        switch (_reader.TokenType)
        {
            case JsonTokenType.String:
                return HclValue.String(Text(position), position);
            case JsonTokenType.Number:
                return HclValue.Number(Encoding.UTF8.GetString(_reader.ValueSpan), position);
            case JsonTokenType.True or JsonTokenType.False:
                return HclValue.Bool(_reader.TokenType == JsonTokenType.True, position);
            case JsonTokenType.StartObject:
                return HclValue.Object(Object("", position), position);
            case JsonTokenType.StartArray:
                return List(position);
            default:
                throw new HclException(position, "expected a value, found null");
        }
    }

    private HclValue List(HclPosition position)
    {
        var items = new List<HclValue>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            _items.Count(position);
            items.Add(Value());
        }

        return HclValue.List(items, position);
    }

    private readonly string Text(HclPosition position)
    {
        try
        {
            return _reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            throw new HclException(position, "expected valid Unicode, found half of a surrogate pair in a string");
        }
    }

    private HclPosition Position()
    {
        for (; _countedTo < _reader.TokenStartIndex; _countedTo++)
        {
            if (_utf8[(int)_countedTo] == '\n')
            {
                _line++;
                _lineStart = _countedTo + 1;
            }
        }

        return new HclPosition(_line, (int)(_reader.TokenStartIndex - _lineStart) + 1);
    }
}
