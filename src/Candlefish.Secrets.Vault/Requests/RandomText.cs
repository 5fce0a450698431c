using System.Security.Cryptography;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>Random identifiers.</summary>
public static class RandomText
{
    private const string Base62Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Uniform base62 text; 24 characters carry 142 bits.</summary>
    public static string Base62(int length) => RandomNumberGenerator.GetString(Base62Alphabet, length);

    /// <summary>Lower-case hex of <paramref name="bytes"/> random bytes.</summary>
    public static string Hex(int bytes) => RandomNumberGenerator.GetHexString(bytes * 2, lowercase: true);

    /// <summary>A random UUID (RFC 9562 version 4) from the cryptographic generator.</summary>
    public static string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
