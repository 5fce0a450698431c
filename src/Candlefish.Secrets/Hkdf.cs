using System.Security.Cryptography;

namespace Candlefish.Secrets;

/// <summary>
/// HKDF-SHA256 (RFC 5869, extract then expand) with the rules of this library: key material and info are never empty,
/// so that each use has its own domain. An empty salt means 32 zero bytes (RFC 5869 §2.2).
/// </summary>
public static class Hkdf
{
    /// <summary>The longest output: 255 blocks of 32 bytes.</summary>
    public const int MaxOutputBytes = 255 * SHA256.HashSizeInBytes;

    /// <summary>Fills <paramref name="output"/> (1 to <see cref="MaxOutputBytes"/> bytes) with derived bytes.</summary>
    /// <exception cref="SecretException">
    /// <see cref="SecretErrorKind.InvalidFormat"/>: no key material. <see cref="SecretErrorKind.KeyDerivation"/>: no
    /// info, or an output length out of range.
    /// </exception>
    public static void Derive(
        ReadOnlySpan<byte> keyMaterial, ReadOnlySpan<byte> info, Span<byte> output, ReadOnlySpan<byte> salt = default)
    {
        if (keyMaterial.IsEmpty)
        {
            throw SecretException.InvalidFormat("empty token");
        }

        if (info.IsEmpty)
        {
            throw SecretException.KeyDerivation("empty domain");
        }

        if (output.Length is 0 or > MaxOutputBytes)
        {
            throw SecretException.KeyDerivation($"output of {output.Length} bytes (allowed: 1 to {MaxOutputBytes})");
        }

        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, keyMaterial, output, salt, info);
        }
        catch (CryptographicException failure)
        {
            throw SecretException.KeyDerivation("HKDF-SHA256 failed", failure);
        }
    }

    /// <summary>Derives into secret memory that the caller owns.</summary>
    /// <inheritdoc cref="Derive(ReadOnlySpan{byte}, ReadOnlySpan{byte}, Span{byte}, ReadOnlySpan{byte})" path="/exception"/>
    public static SecretBuffer Derive(
        ReadOnlySpan<byte> keyMaterial, ReadOnlySpan<byte> info, int outputBytes, ReadOnlySpan<byte> salt = default)
    {
        if (outputBytes is < 1 or > MaxOutputBytes)
        {
            throw SecretException.KeyDerivation($"output of {outputBytes} bytes (allowed: 1 to {MaxOutputBytes})");
        }

        SecretBuffer output = SecretBuffer.Allocate(outputBytes);
        try
        {
            output.Write(
                new Inputs(keyMaterial, info, salt),
                static (bytes, from) => Derive(from.KeyMaterial, from.Info, bytes, from.Salt));
            return output;
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    private readonly ref struct Inputs(ReadOnlySpan<byte> keyMaterial, ReadOnlySpan<byte> info, ReadOnlySpan<byte> salt)
    {
        public readonly ReadOnlySpan<byte> KeyMaterial = keyMaterial;
        public readonly ReadOnlySpan<byte> Info = info;
        public readonly ReadOnlySpan<byte> Salt = salt;
    }
}
