namespace Candlefish.Secrets;

/// <summary>The seven ways in which the library fails. See <see cref="SecretException"/>.</summary>
public enum SecretErrorKind
{
    /// <summary>The file, or the environment variable of the obsolete loader, does not exist.</summary>
    FileNotFound,

    /// <summary>Someone other than the owner may access the file (any bit of 0o077).</summary>
    PermissionsTooOpen,

    /// <summary>Empty, too large, not UTF-8, not 64 hexadecimal characters.</summary>
    InvalidFormat,

    /// <summary>CREDENTIALS_DIRECTORY is not set, or holds no such credential.</summary>
    SystemdCredentialNotFound,

    /// <summary>The path or name is refused before anything is opened.</summary>
    PathValidationFailed,

    /// <summary>The operating system failed.</summary>
    Io,

    /// <summary>A key cannot be derived from these inputs.</summary>
    KeyDerivation,
}
