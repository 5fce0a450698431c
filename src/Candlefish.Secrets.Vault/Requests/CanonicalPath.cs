using System.Globalization;
using System.Text;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// The one spelling of a request path that router, policy, storage and audit all receive.
/// </summary>
/// <remarks>
/// A path is decoded exactly once, here, and never again. No component may fold, trim or clean it further: what is
/// decided is, character for character, what is stored and what is logged. Paths are relative to <c>/v1/</c>, without
/// a leading slash; a trailing slash is kept, because it means "folder". Empty inner segments (<c>a//b</c>) are kept
/// as they are. Refused: <c>.</c> and <c>..</c> segments, backslashes, control and other non-printable characters,
/// lone surrogates, invalid UTF-8 or percent escapes, a leading slash, more than <see cref="MaxBytes"/> bytes.
/// </remarks>
public readonly record struct CanonicalPath
{
    /// <summary>Longest path in UTF-8 bytes.</summary>
    public const int MaxBytes = 3_072;

    private readonly string? _value;

    private CanonicalPath(string value) => _value = value;

    /// <summary>The path text; empty for the root.</summary>
    public string Value => _value ?? "";

    /// <summary>The path ends with a slash: it names a folder.</summary>
    public bool IsFolder => Value.EndsWith('/');

    public override string ToString() => Value;

    /// <summary>Parses the still percent-encoded path of a request target (what follows <c>/v1/</c>).</summary>
    public static bool TryParseEncoded(string encoded, out CanonicalPath path, out string error)
    {
        path = default;
        if (!encoded.Contains('%', StringComparison.Ordinal))
            return TryParse(encoded, out path, out error);
        byte[] bytes = Encoding.UTF8.GetBytes(encoded);
        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != (byte)'%')
            {
                bytes[length++] = bytes[i];
                continue;
            }
            if (i + 2 >= bytes.Length || !char.IsAsciiHexDigit((char)bytes[i + 1]) || !char.IsAsciiHexDigit((char)bytes[i + 2]))
            {
                error = "the path holds an incomplete percent escape";
                return false;
            }
            bytes[length++] = (byte)((HexValue(bytes[i + 1]) << 4) | HexValue(bytes[i + 2]));
            i += 2;
        }
        string decoded;
        try
        {
            decoded = StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            error = "the path is not valid UTF-8";
            return false;
        }
        return TryParse(decoded, out path, out error);
    }

    /// <summary>Parses a path that holds no escapes.</summary>
    public static bool TryParse(string text, out CanonicalPath path, out string error)
    {
        path = default;
        if (text.Length > 0 && text[0] == '/')
        {
            error = "the path must not begin with a slash";
            return false;
        }
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"the path is longer than {MaxBytes} bytes");
            return false;
        }
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == '/')
            {
                ReadOnlySpan<char> segment = text.AsSpan(start, i - start);
                if (segment is "." or "..")
                {
                    error = "path cannot contain parent references";
                    return false;
                }
                start = i + 1;
                continue;
            }
            if (!IsAllowed(text, i))
            {
                error = "the path holds a character that is not printable, or a backslash";
                return false;
            }
        }
        path = new CanonicalPath(text);
        error = "";
        return true;
    }

    /// <summary>For paths written in code.</summary>
    /// <exception cref="ArgumentException">The text is not canonical.</exception>
    public static CanonicalPath Of(string text) =>
        TryParse(text, out CanonicalPath path, out string error) ? path : throw new ArgumentException(error, nameof(text));

    private static bool IsAllowed(string text, int index)
    {
        char c = text[index];
        if (c is >= ' ' and < '\u007f')
            return c != '\\';
        if (char.IsHighSurrogate(c))
            return index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) && IsPrintable(CharUnicodeInfo.GetUnicodeCategory(text, index));
        if (char.IsLowSurrogate(c))
            return index > 0 && char.IsHighSurrogate(text[index - 1]);
        return IsPrintable(char.GetUnicodeCategory(c));
    }

    private static bool IsPrintable(UnicodeCategory category) => category is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate
        or UnicodeCategory.SpaceSeparator);

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
