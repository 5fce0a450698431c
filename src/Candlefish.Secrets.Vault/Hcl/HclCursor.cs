namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>A place in the text that moves forward only and knows its line and column.</summary>
internal sealed class HclCursor
{
    private readonly string _text;
    private int _offset;
    private int _line = 1;
    private int _lineStart;

    public HclCursor(string text)
    {
        _text = text;
        _offset = _lineStart = HclText.ByteOrderMarkLength(text);
    }

    public bool AtEnd => _offset >= _text.Length;

    /// <summary>Not to be read at the end.</summary>
    public char Current => _text[_offset];

    public HclPosition Position => new(_line, _offset - _lineStart + 1);

    public bool StartsWith(string expected) =>
        _text.AsSpan(_offset).StartsWith(expected, StringComparison.Ordinal);

    public void Advance(int count = 1)
    {
        for (; count > 0; count--)
        {
            if (_text[_offset++] == '\n')
            {
                _line++;
                _lineStart = _offset;
            }
        }
    }

    /// <summary>Takes the longest run of matching characters, which hold no line end.</summary>
    public ReadOnlySpan<char> TakeWhile(Func<char, bool> matches)
    {
        var start = _offset;
        while (!AtEnd && matches(Current))
        {
            _offset++;
        }

        return _text.AsSpan(start, _offset - start);
    }

    /// <summary>Takes the current character and the run after it, and returns them with the last <paramref name="taken"/>.</summary>
    public ReadOnlySpan<char> Extend(int taken, Func<char, bool> matches)
    {
        var start = _offset - taken;
        _offset++;
        TakeWhile(matches);
        return _text.AsSpan(start, _offset - start);
    }

    /// <summary>Takes the rest of the line without its line feed, which is passed over too.</summary>
    public ReadOnlySpan<char> TakeLine()
    {
        var rest = _text.AsSpan(_offset);
        var length = rest.IndexOf('\n');
        if (length < 0)
        {
            _offset = _text.Length;
            return rest;
        }

        Advance(length + 1);
        return rest[..length];
    }

    public void SkipLine() => TakeLine();
}
