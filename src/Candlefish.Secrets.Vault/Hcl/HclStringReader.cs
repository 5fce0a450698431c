using System.Globalization;
using System.Text;

namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// Reads <c>"…"</c>: the escapes of Go strings; text between <c>${</c> and its closing <c>}</c> is kept as it stands,
/// quotes and line ends included, and means nothing here.
/// </summary>
internal static class HclStringReader
{
    public static string ReadQuoted(HclCursor cursor)
    {
        var start = cursor.Position;
        cursor.Advance();
        var text = new StringBuilder();
        while (!cursor.AtEnd && cursor.Current != '\n')
        {
            if (cursor.Current == '"')
            {
                cursor.Advance();
                return text.ToString();
            }

            if (cursor.Current == '\\')
            {
                AppendEscape(cursor, text);
            }
            else if (cursor.StartsWith("${"))
            {
                AppendInterpolation(cursor, text);
            }
            else
            {
                text.Append(cursor.Current);
                cursor.Advance();
            }
        }

        throw new HclException(start, "expected '\"' to end this string on its line");
    }

    private static void AppendInterpolation(HclCursor cursor, StringBuilder text)
    {
        var start = cursor.Position;
        var open = 0;
        do
        {
            if (cursor.AtEnd)
            {
                throw new HclException(start, "expected '}' to end the interpolation that starts here");
            }

            open += cursor.Current switch { '{' => 1, '}' => -1, _ => 0 };
            text.Append(cursor.Current);
            cursor.Advance();
        }
        while (open > 0 || text[^1] == '$');
    }

    private static void AppendEscape(HclCursor cursor, StringBuilder text)
    {
        var position = cursor.Position;
        cursor.Advance();
        var kind = cursor.AtEnd ? '\0' : cursor.Current;
        if (char.IsBetween(kind, '0', '7'))
        {
            AppendCode(text, ReadDigits(cursor, 3, 8, position), 0x7F, position);
            return;
        }

        if (kind is not '\0' and not '\n')
        {
            cursor.Advance();
        }

        switch (kind)
        {
            case '"' or '\\': text.Append(kind); break;
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case 'x': AppendCode(text, ReadDigits(cursor, 2, 16, position), 0x7F, position); break;
            case 'u': AppendCode(text, ReadDigits(cursor, 4, 16, position), 0xFFFF, position); break;
            case 'U': AppendCode(text, ReadDigits(cursor, 8, 16, position), 0x10FFFF, position); break;
            default: throw BadEscape(position);
        }
    }

    private static uint ReadDigits(HclCursor cursor, int count, uint radix, HclPosition position)
    {
        var value = 0u;
        for (; count > 0; count--)
        {
            var digit = cursor.AtEnd || !char.IsAsciiHexDigit(cursor.Current)
                ? radix
                : uint.Parse([cursor.Current], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (digit >= radix)
            {
                throw BadEscape(position);
            }

            value = (value * radix) + digit;
            cursor.Advance();
        }

        return value;
    }

    private static void AppendCode(StringBuilder text, uint code, uint largest, HclPosition position)
    {
        if (code > largest || !Rune.TryCreate(code, out var rune))
        {
            throw BadEscape(position);
        }

        text.Append(rune.ToString());
    }

    private static HclException BadEscape(HclPosition position) =>
        new(position, "expected an escape such as \\n, \\\", \\\\ or \\u00e9");
}
