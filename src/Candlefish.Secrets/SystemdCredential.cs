using System.Buffers;
using Candlefish.Secrets.Files;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets;

/// <summary>
/// Credentials that systemd hands to a service (<c>LoadCredential=</c>, <c>LoadCredentialEncrypted=</c>,
/// <c>ImportCredential=</c>): one file each in the directory that CREDENTIALS_DIRECTORY names.
/// </summary>
/// <remarks>
/// Names are 1 to 255 of <c>A–Z a–z 0–9 _ - .</c> and do not start with a dot. Load them with
/// <see cref="Secret.LoadFromSystemdCredential"/> and <see cref="SecretKey.LoadFromSystemdCredential"/>.
/// </remarks>
public static class SystemdCredential
{
    /// <summary>The variable that systemd sets for a service that has credentials.</summary>
    public const string DirectoryVariable = "CREDENTIALS_DIRECTORY";

    private const int MaxNameChars = 255;

    private static readonly SearchValues<char> NameChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    /// <summary>Whether the service was given this credential; the content is not looked at. An invalid name is not there.</summary>
    /// <param name="name">The name of the credential.</param>
    /// <param name="directory">In place of CREDENTIALS_DIRECTORY.</param>
    public static bool Exists(string name, string? directory = null)
    {
        directory ??= ReadVariable();
        return IsValidName(name) && IsPlainAbsolute(directory) && File.Exists(Path.Join(directory, name));
    }

    /// <summary>Checks in the order name, variable, absolute path, existence, and opens the file.</summary>
    internal static SafeFileHandle Open(string name, string? directory, out string path)
    {
        RequireName(name);
        directory ??= ReadVariable();
        if (string.IsNullOrEmpty(directory))
        {
            throw SecretException.CredentialNotFound($"{DirectoryVariable} not set");
        }

        if (!IsPlainAbsolute(directory))
        {
            throw SecretException.PathValidationFailed(
                $"{DirectoryVariable} must be an absolute path without '.', '..' and empty segments", directory);
        }

        path = Path.Join(directory, name);
        return FileOpener.OpenIn(directory, name, path) ??
            throw SecretException.CredentialNotFound($"credential not found: {name}", path);
    }

    private static void RequireName(string name)
    {
        if (string.IsNullOrEmpty(name))
        {
            throw SecretException.PathValidationFailed("empty credential name");
        }

        if (name.AsSpan().ContainsAny('/', '\\'))
        {
            throw SecretException.PathValidationFailed("credential name has a path separator");
        }

        if (!IsValidName(name))
        {
            throw SecretException.PathValidationFailed(
                "credential name may have only letters, digits, '_', '-' and '.', not start with '.', and be at most 255 long");
        }
    }

    private static bool IsValidName(string name) =>
        !string.IsNullOrEmpty(name) &&
        name.Length <= MaxNameChars &&
        name[0] != '.' &&
        !name.AsSpan().ContainsAnyExcept(NameChars);

    private static bool IsPlainAbsolute(string? directory)
    {
        if (string.IsNullOrEmpty(directory) ||
            !Path.IsPathFullyQualified(directory) ||
            directory.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) ==
            Path.TrimEndingDirectorySeparator(directory);
    }

#pragma warning disable RS0030 // The one variable that is not a secret itself: it names a directory.
    private static string? ReadVariable() => Environment.GetEnvironmentVariable(DirectoryVariable);
#pragma warning restore RS0030
}
