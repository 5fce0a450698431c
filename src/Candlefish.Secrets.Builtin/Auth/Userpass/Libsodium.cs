using System.Runtime.InteropServices;

namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>Argon2id of the system's libsodium (<c>crypto_pwhash_str</c>), where it is installed. Thread-safe.</summary>
internal static class Libsodium
{
    /// <summary>Passes over the memory.</summary>
    public const ulong Passes = 2;

    /// <summary>Bytes that one hash occupies while it is computed: 64 MiB.</summary>
    public const int MemoryBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of the text form with its terminator (<c>crypto_pwhash_STRBYTES</c>).</summary>
    private const int TextBytes = 128;

    private static readonly Lazy<bool> Loaded = new(static () =>
    {
        try
        {
            return sodium_init() >= 0;
        }
        catch (DllNotFoundException)
        {
            return false;
        }
    });

    public static bool IsPresent => Loaded.Value;

    /// <summary>A new hash with a random salt, in the PHC form <c>$argon2id$v=19$m=65536,t=2,p=1$SALT$HASH</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no memory for it.</exception>
    public static string Hash(byte[] password)
    {
        byte[] text = new byte[TextBytes];
        if (crypto_pwhash_str(text, password, (ulong)password.Length, Passes, MemoryBytes) != 0)
            throw new InvalidOperationException("Argon2id got no memory: give the server at least 64 MiB more");
        return System.Text.Encoding.ASCII.GetString(text, 0, Array.IndexOf(text, (byte)0));
    }

    /// <summary>Whether the password belongs to the hash. The parameters are those of the hash.</summary>
    public static bool Verify(string hash, byte[] password)
    {
        byte[] text = new byte[TextBytes];
        return hash.Length < TextBytes
            && System.Text.Encoding.ASCII.TryGetBytes(hash, text, out _)
            && crypto_pwhash_str_verify(text, password, (ulong)password.Length) == 0;
    }

    [DllImport("libsodium.so.23")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int sodium_init();

    [DllImport("libsodium.so.23")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int crypto_pwhash_str(byte[] text, byte[] password, ulong passwordLength, ulong passes, nuint memory);

    [DllImport("libsodium.so.23")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int crypto_pwhash_str_verify(byte[] text, byte[] password, ulong passwordLength);
}
