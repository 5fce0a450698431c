using System.Text;

namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>What both forms check before the first token.</summary>
internal static class HclText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static int ByteOrderMarkLength(string text) => text.StartsWith('\uFEFF') ? 1 : 0;

    /// <summary>Refuses text that is too long, holds NUL, or is no valid Unicode; returns it as UTF-8.</summary>
    public static byte[] ToUtf8(string text)
    {
        var start = new HclPosition(1, 1);
        if (text.Length > HclLimits.MaxBytes)
        {
            throw TooLong(start);
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new HclException(start, "expected text, found a NUL character in the document");
        }

        try
        {
            var bytes = s_strict.GetBytes(text);
            return bytes.Length <= HclLimits.MaxBytes ? bytes : throw TooLong(start);
        }
        catch (EncoderFallbackException)
        {
            throw new HclException(start, "expected valid Unicode text, found half of a surrogate pair in the document");
        }
    }

    private static HclException TooLong(HclPosition start) =>
        new(start, $"expected a document of at most {HclLimits.MaxBytes} bytes");
}
