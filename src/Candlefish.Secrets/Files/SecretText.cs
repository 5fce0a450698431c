using System.Buffers;
using System.Text.Unicode;

namespace Candlefish.Secrets.Files;

/// <summary>
/// The text rules of secret files, on bytes in place: UTF-8 without byte order mark; ASCII blanks at both ends do not
/// count (space, tab, line feed, vertical tab, form feed, carriage return); Unicode blanks do.
/// </summary>
internal static class SecretText
{
    private const int KeyHexChars = SecretKey.SizeBytes * 2;

    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\n\v\f\r"u8);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Where the trimmed text lies.</summary>
    internal static Range FindText(ReadOnlySpan<byte> content, int minBytes)
    {
        if (content.StartsWith(ByteOrderMark) || !Utf8.IsValid(content))
        {
            throw SecretException.InvalidFormat("not valid UTF-8");
        }

        Range text = Trim(content);
        int length = content[text].Length;
        if (length < minBytes)
        {
            throw SecretException.InvalidFormat($"too short: {length} bytes (min: {minBytes})");
        }

        return text;
    }

    /// <summary>Decodes 64 hexadecimal digits of either case; time does not depend on their values.</summary>
    internal static SecretBuffer DecodeKey(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> digits = content[Trim(content)];
        if (digits.Length != KeyHexChars)
        {
            throw SecretException.InvalidFormat($"expected {KeyHexChars} hex chars, got {digits.Length}");
        }

        SecretBuffer key = SecretBuffer.Allocate(SecretKey.SizeBytes);
        int[] invalid = [0];
        key.Write(new Digits(digits, invalid), static (bytes, from) =>
        {
            int wrong = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                int high = Nibble(from.Text[2 * i]);
                int low = Nibble(from.Text[(2 * i) + 1]);
                wrong |= high | low;
                bytes[i] = (byte)(((high & 0xF) << 4) | (low & 0xF));
            }

            from.Invalid[0] = wrong;
        });
        if (invalid[0] < 0)
        {
            key.Dispose();
            throw SecretException.InvalidFormat("invalid hex");
        }

        return key;
    }

    /// <summary>0 to 15, or a negative number for a byte that is no digit. No branch, no table.</summary>
    private static int Nibble(byte digit)
    {
        int decimalValue = digit - '0';
        int letterValue = (digit | 0x20) - 'a';
        int isDecimal = (~decimalValue & (decimalValue - 10)) >> 31;
        int isLetter = (~letterValue & (letterValue - 6)) >> 31;
        int value = (isDecimal & decimalValue) | (isLetter & (letterValue + 10));
        return value | ~(isDecimal | isLetter);
    }

    private static Range Trim(ReadOnlySpan<byte> content)
    {
        int first = content.IndexOfAnyExcept(Blanks);
        if (first < 0)
        {
            throw SecretException.InvalidFormat("empty file");
        }

        return first..(content.LastIndexOfAnyExcept(Blanks) + 1);
    }

    private readonly ref struct Digits(ReadOnlySpan<byte> text, int[] invalid)
    {
        public readonly ReadOnlySpan<byte> Text = text;
        public readonly int[] Invalid = invalid;
    }
}
