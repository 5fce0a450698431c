using System.Security.Cryptography;

namespace Candlefish.Secrets;

/// <summary>
/// Shamir's secret sharing, byte by byte, compatible with the unseal key shares of Vault and OpenBao.
/// </summary>
/// <remarks>
/// <para>Field: GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (0x11B). Each secret byte is the value at x = 0 of its own random
/// polynomial of degree threshold − 1.</para>
/// <para>Share layout: <c>y₀ … yₙ₋₁ ‖ x</c>, one byte more than the secret. x is 1 to 255, random and distinct.</para>
/// <para>A share carries no checksum: too few shares, or shares of another secret, combine to random-looking bytes. Only
/// the authenticated decryption that follows tells.</para>
/// <para>Multiplication has no branch and no table that depends on its operands, so time and cache reveal nothing.
/// Messages of errors never hold bytes of a share. Thread-safe.</para>
/// </remarks>
public static class Shamir
{
    /// <summary>Fewest parts, and lowest threshold.</summary>
    public const int MinParts = 2;

    /// <summary>Most parts, and highest threshold: the x coordinates run out.</summary>
    public const int MaxParts = 255;

    /// <summary>
    /// Splits <paramref name="secret"/> into <paramref name="parts"/> shares, of which any <paramref name="threshold"/>
    /// give it back. The caller owns the arrays and zeroes them after handing them out.
    /// </summary>
    /// <exception cref="ArgumentException">The secret is empty, or the threshold exceeds the parts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Parts or threshold are outside 2 to 255.</exception>
    public static byte[][] Split(ReadOnlySpan<byte> secret, int parts, int threshold)
    {
        RequireSplit(secret, parts, threshold);
        Span<byte> coordinates = stackalloc byte[MaxParts];
        for (int i = 0; i < MaxParts; i++)
        {
            coordinates[i] = (byte)(i + 1);
        }

        RandomNumberGenerator.Shuffle(coordinates);
        byte[] coefficients = GC.AllocateUninitializedArray<byte>(
            checked(secret.Length * (threshold - 1)), pinned: true);
        try
        {
            RandomNumberGenerator.Fill(coefficients);
            return Split(secret, coordinates[..parts], coefficients, threshold);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(coefficients);
        }
    }

    /// <summary>Combines shares into a new array, which the caller owns and zeroes.</summary>
    /// <inheritdoc cref="Combine(IReadOnlyList{byte[]}, Span{byte})" path="/exception"/>
    public static byte[] Combine(IReadOnlyList<byte[]> shares)
    {
        byte[] secret = GC.AllocateUninitializedArray<byte>(RequireShares(shares), pinned: true);
        Combine(shares, secret);
        return secret;
    }

    /// <summary>Combines shares into <paramref name="secret"/>, which is one byte shorter than a share.</summary>
    /// <exception cref="ArgumentException">
    /// Fewer than 2 shares, shares of different length or shorter than 2 bytes, an x coordinate that is 0 or occurs
    /// twice, or a destination of another length.
    /// </exception>
    public static void Combine(IReadOnlyList<byte[]> shares, Span<byte> secret)
    {
        if (secret.Length != RequireShares(shares))
        {
            throw new ArgumentException("The destination must be one byte shorter than a share.", nameof(secret));
        }

        Span<byte> weights = stackalloc byte[MaxParts];
        weights = weights[..shares.Count];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = WeightAtZero(shares, i);
        }

        for (int position = 0; position < secret.Length; position++)
        {
            int sum = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                sum ^= Multiply(weights[i], shares[i][position]);
            }

            secret[position] = (byte)sum;
        }
    }

    /// <summary>
    /// The split itself, with every choice made: one x per share, and threshold − 1 coefficients per secret byte,
    /// lowest power first.
    /// </summary>
    internal static byte[][] Split(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> coordinates, ReadOnlySpan<byte> coefficients, int threshold)
    {
        int degree = threshold - 1;
        byte[][] shares = new byte[coordinates.Length][];
        for (int i = 0; i < shares.Length; i++)
        {
            byte[] share = GC.AllocateUninitializedArray<byte>(secret.Length + 1, pinned: true);
            byte x = coordinates[i];
            for (int position = 0; position < secret.Length; position++)
            {
                // Horner's rule, from the highest power down to the secret byte.
                int y = 0;
                ReadOnlySpan<byte> polynomial = coefficients.Slice(position * degree, degree);
                for (int power = degree - 1; power >= 0; power--)
                {
                    y = Multiply((byte)(y ^ polynomial[power]), x);
                }

                share[position] = (byte)(y ^ secret[position]);
            }

            share[^1] = x;
            shares[i] = share;
        }

        return shares;
    }

    /// <summary>Product in GF(2^8): eight rounds of shift and masked add, the same for all operands.</summary>
    internal static byte Multiply(byte left, byte right)
    {
        int product = 0;
        int factor = left;
        for (int bit = 7; bit >= 0; bit--)
        {
            int carry = -((product >> 7) & 1);
            int add = -((right >> bit) & 1);
            product = ((product << 1) ^ (0x11B & carry)) ^ (factor & add);
        }

        return (byte)(product & 0xFF);
    }

    /// <summary>Multiplicative inverse: value^254, and 0 for 0.</summary>
    internal static byte Invert(byte value)
    {
        // 254 = 11111110 in binary: square and multiply six times, then square once more.
        byte power = value;
        for (int i = 0; i < 6; i++)
        {
            power = Multiply(Multiply(power, power), value);
        }

        return Multiply(power, power);
    }

    /// <summary>Lagrange's basis polynomial of share <paramref name="index"/> at x = 0.</summary>
    private static byte WeightAtZero(IReadOnlyList<byte[]> shares, int index)
    {
        byte own = shares[index][^1];
        byte weight = 1;
        for (int i = 0; i < shares.Count; i++)
        {
            if (i != index)
            {
                byte other = shares[i][^1];
                weight = Multiply(weight, Multiply(other, Invert((byte)(other ^ own))));
            }
        }

        return weight;
    }

    private static void RequireSplit(ReadOnlySpan<byte> secret, int parts, int threshold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, MinParts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, MaxParts);
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, MinParts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, MaxParts);
        if (threshold > parts)
        {
            throw new ArgumentException("The threshold must not exceed the number of parts.", nameof(threshold));
        }

        if (secret.IsEmpty)
        {
            throw new ArgumentException("The secret to split must not be empty.", nameof(secret));
        }
    }

    /// <summary>Checks the shares and answers the length of the secret.</summary>
    private static int RequireShares(IReadOnlyList<byte[]> shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        if (shares.Count is < MinParts or > MaxParts)
        {
            throw new ArgumentException($"Between {MinParts} and {MaxParts} shares are needed.", nameof(shares));
        }

        int length = shares[0]?.Length ?? 0;
        if (length < 2)
        {
            throw new ArgumentException("A share must have at least 2 bytes.", nameof(shares));
        }

        Span<bool> seen = stackalloc bool[MaxParts + 1];
        seen.Clear();
        foreach (byte[] share in shares)
        {
            if (share is null || share.Length != length)
            {
                throw new ArgumentException("All shares must have the same length.", nameof(shares));
            }

            byte x = share[^1];
            if (x == 0 || seen[x])
            {
                throw new ArgumentException("Each share must have its own x coordinate, 1 to 255.", nameof(shares));
            }

            seen[x] = true;
        }

        return length - 1;
    }
}
