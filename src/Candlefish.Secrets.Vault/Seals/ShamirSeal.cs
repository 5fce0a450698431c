using System.Security.Cryptography;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Seals;

/// <summary>
/// The seal of key shares: a random unseal key of 32 bytes encrypts the root key and is split into shares; nobody keeps it.
/// </summary>
internal static class ShamirSeal
{
    public const string Type = "shamir";

    /// <summary>Length of a share: one byte per byte of the key, and its coordinate.</summary>
    public const int ShareBytes = TermKey.KeyBytes + 1;

    /// <summary>
    /// Protects <paramref name="rootKey"/> under a fresh unseal key. With one share the share is the key itself, as other
    /// servers of this protocol do it.
    /// </summary>
    public static (byte[] SealedRootKey, byte[][] Shares) Protect(SecretBuffer rootKey, int shares, int threshold)
    {
        byte[] unsealKey = RandomNumberGenerator.GetBytes(TermKey.KeyBytes);
        try
        {
            using var key = new TermKey(SealRecord.UnsealKeyTerm, SecretBuffer.CopyOf(unsealKey), DateTimeOffset.UnixEpoch, 0);
            byte[] sealedRootKey = rootKey.Use(key, static (root, k) => k.Encrypt(SealRecord.Key, root));
            return (sealedRootKey, shares == 1 ? [unsealKey.ToArray()] : Shamir.Split(unsealKey, shares, threshold));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(unsealKey);
        }
    }

    /// <summary>Recovers the root key from enough shares; <see langword="null"/> when they do not belong together.</summary>
    public static SecretBuffer? Recover(SealRecord record, IReadOnlyList<byte[]> shares)
    {
        byte[]? unsealKey = Combine(record, shares);
        if (unsealKey is null)
            return null;
        try
        {
            using var key = new TermKey(SealRecord.UnsealKeyTerm, SecretBuffer.CopyOf(unsealKey), DateTimeOffset.UnixEpoch, 0);
            if (TermKey.TermOf(record.RootKey) != SealRecord.UnsealKeyTerm)
                return null;
            byte[] root = key.Decrypt(SealRecord.Key, record.RootKey);
            SecretBuffer buffer = SecretBuffer.CopyOf(root);
            CryptographicOperations.ZeroMemory(root);
            return buffer;
        }
        catch (BarrierException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(unsealKey);
        }
    }

    private static byte[]? Combine(SealRecord record, IReadOnlyList<byte[]> shares)
    {
        if (record.Threshold == 1)
            return shares[0].Length == TermKey.KeyBytes ? shares[0].ToArray() : null;
        if (shares.Any(s => s.Length != ShareBytes))
            return null;
        if (shares.Select(s => s[^1]).Distinct().Count() != shares.Count)
            return null;
        return Shamir.Combine(shares);
    }
}
