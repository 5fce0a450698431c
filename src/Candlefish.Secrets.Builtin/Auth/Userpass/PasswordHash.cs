using System.Globalization;
using System.Security.Cryptography;

namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>How passwords are hashed.</summary>
internal enum PasswordAlgorithm
{
    /// <summary>RFC 9106, 64 MiB, 2 passes, by libsodium.</summary>
    Argon2id,

    /// <summary>RFC 8018 with HMAC-SHA256, <see cref="PasswordHash.Pbkdf2Iterations"/> iterations, by .NET.</summary>
    Pbkdf2Sha256,
}

/// <summary>
/// Hashes of passwords as text that names its algorithm and parameters:
/// <c>$argon2id$v=19$m=65536,t=2,p=1$SALT$HASH</c> or <c>$pbkdf2-sha256$i=600000$SALT$HASH</c> (base64; salt 16 bytes,
/// hash 32 bytes).
/// </summary>
/// <remarks>Costs about 0.1 s of a core, and 64 MiB with Argon2id: call it inside <see cref="HashingGate"/>.</remarks>
internal static class PasswordHash
{
    public const int Pbkdf2Iterations = 600_000;

    private const string Argon2idMark = "$argon2id$";
    private const string Pbkdf2Mark = "$pbkdf2-sha256$i=";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>What this host does best.</summary>
    public static PasswordAlgorithm Best => Libsodium.IsPresent ? PasswordAlgorithm.Argon2id : PasswordAlgorithm.Pbkdf2Sha256;

    public static PasswordAlgorithm AlgorithmOf(string hash) =>
        hash.StartsWith(Argon2idMark, StringComparison.Ordinal) ? PasswordAlgorithm.Argon2id : PasswordAlgorithm.Pbkdf2Sha256;

    /// <exception cref="PlatformNotSupportedException">Argon2id without libsodium.</exception>
    public static string Create(PasswordAlgorithm algorithm, byte[] password)
    {
        if (algorithm == PasswordAlgorithm.Argon2id)
        {
            RequireLibsodium();
            return Libsodium.Hash(password);
        }
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Pbkdf2Iterations, HashAlgorithmName.SHA256, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Pbkdf2Mark}{Pbkdf2Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>Whether the password belongs to the hash; with the parameters that the hash names.</summary>
    /// <exception cref="PlatformNotSupportedException">Argon2id without libsodium.</exception>
    /// <exception cref="FormatException">The text is no hash.</exception>
    public static bool Verify(string hash, byte[] password)
    {
        if (AlgorithmOf(hash) == PasswordAlgorithm.Argon2id)
        {
            RequireLibsodium();
            return Libsodium.Verify(hash, password);
        }
        if (!hash.StartsWith(Pbkdf2Mark, StringComparison.Ordinal) || hash[Pbkdf2Mark.Length..].Split('$') is not [var iterations, var salt, var expected]
            || !int.TryParse(iterations, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count < 1)
            throw new FormatException("a stored password hash has a form that this version does not know");
        byte[] bytes = Convert.FromBase64String(expected);
        byte[] computed = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(salt), count, HashAlgorithmName.SHA256, bytes.Length);
        return CryptographicOperations.FixedTimeEquals(computed, bytes);
    }

    private static void RequireLibsodium()
    {
        if (!Libsodium.IsPresent)
            throw new PlatformNotSupportedException("this userpass mount hashes passwords with Argon2id, and libsodium.so.23 is not on this host: install libsodium23");
    }
}
