namespace Candlefish.Secrets;

/// <summary>
/// The one error of this library. <see cref="Kind"/> tells the seven cases apart; the message starts with fixed words
/// per kind and holds a path, mode, name or length – never a value, a part of one, or its hash.
/// </summary>
public sealed class SecretException : Exception
{
    private SecretException(SecretErrorKind kind, string message, Exception? inner = null)
        : base(Printable(message), inner)
    {
        Kind = kind;
    }

    /// <summary>Which of the seven cases this is.</summary>
    public SecretErrorKind Kind { get; }

    /// <summary>The file concerned, when there is one.</summary>
    public string? Path { get; private init; }

    /// <summary>The permission bits found (0 to 0o777), for <see cref="SecretErrorKind.PermissionsTooOpen"/>.</summary>
    public int? Mode { get; private init; }

    /// <summary>The permission bits as people write them: four octal digits.</summary>
    internal static string FormatMode(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');

    /// <summary>A path may hold line breaks that would forge a line of a log: control characters become U+FFFD.</summary>
    private static string Printable(string message)
    {
        foreach (char character in message)
        {
            if (char.IsControl(character))
            {
                return string.Create(message.Length, message, static (text, from) =>
                {
                    for (int i = 0; i < text.Length; i++)
                    {
                        text[i] = char.IsControl(from[i]) ? '\uFFFD' : from[i];
                    }
                });
            }
        }

        return message;
    }

    internal static SecretException FileNotFound(string path) =>
        new(SecretErrorKind.FileNotFound, $"secret file not found: {path}") { Path = path };

    internal static SecretException EnvironmentNotSet(string name) =>
        new(SecretErrorKind.FileNotFound, $"secret file not found: env var not set: {name}");

    internal static SecretException PermissionsTooOpen(string path, int mode) =>
        new(
            SecretErrorKind.PermissionsTooOpen,
            $"file permissions too open: {path} (mode: {FormatMode(mode)}, expected 0600)")
        {
            Path = path,
            Mode = mode,
        };

    internal static SecretException WrongOwner(string path, int mode, uint owner) =>
        new(
            SecretErrorKind.PermissionsTooOpen,
            $"file permissions too open: {path} (mode: {FormatMode(mode)}, expected 0600): its owner, uid {owner}, is neither root nor this user")
        {
            Path = path,
            Mode = mode,
        };

    internal static SecretException InvalidFormat(string detail, string? path = null) =>
        new(SecretErrorKind.InvalidFormat, $"invalid secret format: {detail}") { Path = path };

    internal static SecretException CredentialNotFound(string detail, string? path = null) =>
        new(SecretErrorKind.SystemdCredentialNotFound, $"systemd credential not found: {detail}") { Path = path };

    internal static SecretException PathValidationFailed(string detail, string? path = null) =>
        new(SecretErrorKind.PathValidationFailed, $"path validation failed: {detail}") { Path = path };

    internal static SecretException Io(string detail, string? path = null) =>
        new(SecretErrorKind.Io, $"I/O error: {detail}") { Path = path };

    internal static SecretException KeyDerivation(string detail, Exception? inner = null) =>
        new(SecretErrorKind.KeyDerivation, $"key derivation error: {detail}", inner);
}
