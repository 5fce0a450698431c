using System.Globalization;

namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// Cuts native HCL 1 into tokens and skips white space and the comments <c>#</c>, <c>//</c> and <c>/* */</c>. Line ends
/// carry no meaning in HCL 1 outside of strings, comments and heredocs.
/// </summary>
internal sealed class HclLexer(string text)
{
    private readonly HclCursor _cursor = new(text);

    public HclToken Next()
    {
        SkipBlanks();
        var position = _cursor.Position;
        if (_cursor.AtEnd)
        {
            return new HclToken(HclTokenKind.End, "", position);
        }

        var current = _cursor.Current;
        switch (current)
        {
            case '{': return Punctuation(HclTokenKind.LeftBrace, position);
            case '}': return Punctuation(HclTokenKind.RightBrace, position);
            case '[': return Punctuation(HclTokenKind.LeftBracket, position);
            case ']': return Punctuation(HclTokenKind.RightBracket, position);
            case '=': return Punctuation(HclTokenKind.Assign, position);
            case ',': return Punctuation(HclTokenKind.Comma, position);
            case '"': return new HclToken(HclTokenKind.String, HclStringReader.ReadQuoted(_cursor), position);
            case '<': return new HclToken(HclTokenKind.Heredoc, HclHeredocReader.Read(_cursor), position);
        }

        if (char.IsAsciiDigit(current) || current == '-')
        {
            return new HclToken(HclTokenKind.Number, ReadNumber(position), position);
        }

        if (char.IsLetter(current) || current == '_')
        {
            var word = _cursor.TakeWhile(IsNameCharacter).ToString();
            return new HclToken(word is "true" or "false" ? HclTokenKind.Bool : HclTokenKind.Identifier, word, position);
        }

        throw new HclException(position, "expected a name, a value or a bracket, found a character that starts none");
    }

    private static bool IsNameCharacter(char c) => char.IsLetterOrDigit(c) || c is '_' or '-' or '.';

    private static bool IsNumberCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_';

    private HclToken Punctuation(HclTokenKind kind, HclPosition position)
    {
        _cursor.Advance();
        return new HclToken(kind, "", position);
    }

    private void SkipBlanks()
    {
        while (!_cursor.AtEnd)
        {
            if (_cursor.Current is ' ' or '\t' or '\r' or '\n')
            {
                _cursor.Advance();
            }
            else if (_cursor.Current == '#' || _cursor.StartsWith("//"))
            {
                _cursor.SkipLine();
            }
            else if (_cursor.StartsWith("/*"))
            {
                SkipBlockComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipBlockComment()
    {
        var start = _cursor.Position;
        _cursor.Advance(2);
        while (!_cursor.StartsWith("*/"))
        {
            if (_cursor.AtEnd)
            {
                throw new HclException(start, "expected '*/' to end this comment");
            }

            _cursor.Advance();
        }

        _cursor.Advance(2);
    }

    /// <summary>Decimal, hexadecimal <c>0x1f</c> and octal <c>017</c>; the last two come out as decimal.</summary>
    private string ReadNumber(HclPosition position)
    {
        var sign = _cursor.Current == '-' ? "-" : "";
        _cursor.Advance(sign.Length);
        var body = _cursor.TakeWhile(IsNumberCharacter);
        if (body.Length > 0 && body[^1] is 'e' or 'E' && !_cursor.AtEnd && _cursor.Current is '+' or '-')
        {
            body = _cursor.Extend(body.Length, IsNumberCharacter);
        }

        return ReadDigits(body) is { } digits
            ? sign + digits
            : throw new HclException(position, "expected a number such as 10, -1.5, 2e3 or 0x1f");
    }

    private static string? ReadDigits(ReadOnlySpan<char> body)
    {
        if (body.StartsWith("0x") || body.StartsWith("0X"))
        {
            return long.TryParse(body[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) && hex >= 0
                ? hex.ToString(CultureInfo.InvariantCulture)
                : null;
        }

        if (body.Length > 1 && body[0] == '0' && char.IsAsciiDigit(body[1]))
        {
            return ReadOctal(body[1..]);
        }

        return IsJsonNumber(body) ? body.ToString() : null;
    }

    private static string? ReadOctal(ReadOnlySpan<char> digits)
    {
        if (digits.Length > 20 || digits.ContainsAnyExceptInRange('0', '7'))
        {
            return null;
        }

        var value = 0L;
        foreach (var digit in digits)
        {
            value = (value << 3) | (uint)(digit - '0');
        }

        return value.ToString(CultureInfo.InvariantCulture);
    }

    private static bool IsJsonNumber(ReadOnlySpan<char> body)
    {
        var integer = SkipDigits(body, 0);
        var end = integer;
        if (end > 0 && end < body.Length && body[end] == '.')
        {
            end = SkipDigits(body, integer + 1);
            if (end == integer + 1)
            {
                return false;
            }
        }

        if (end > 0 && end < body.Length && body[end] is 'e' or 'E')
        {
            var digits = end + 1 < body.Length && body[end + 1] is '+' or '-' ? end + 2 : end + 1;
            end = SkipDigits(body, digits);
            if (end == digits)
            {
                return false;
            }
        }

        return integer > 0 && end == body.Length;
    }

    private static int SkipDigits(ReadOnlySpan<char> body, int from)
    {
        while (from < body.Length && char.IsAsciiDigit(body[from]))
        {
            from++;
        }

        return from;
    }
}
