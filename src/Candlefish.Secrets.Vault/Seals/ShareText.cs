namespace Candlefish.Secrets.Vault.Seals;

/// <summary>Reads a key share as typed by a person: hex or base64; the length decides (Vault API: POST /sys/unseal).</summary>
internal static class ShareText
{
    /// <summary>The bytes of a share of 16 to 33 bytes; <see langword="null"/> when the text is neither form.</summary>
    public static byte[]? Decode(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.Length is < 20 or > 128)
            return null;
        if (trimmed.Length is 64 or 66 or 32 or 34 && trimmed.All(char.IsAsciiHexDigit))
            return Convert.FromHexString(trimmed);
        byte[] buffer = new byte[trimmed.Length];
        return Convert.TryFromBase64String(trimmed, buffer, out int written) && written is >= 16 and <= 33 ? buffer[..written] : null;
    }
}
