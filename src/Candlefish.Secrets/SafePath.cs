using System.Runtime.InteropServices;
using Candlefish.Secrets.Files;
using Candlefish.Secrets.Native;

namespace Candlefish.Secrets;

/// <summary>
/// Paths without surprises: made canonical by the operating system (links first, then <c>..</c>), and compared segment
/// by segment. The answer describes the moment of the call; to read the file, use a loader with
/// <see cref="SecretFileOptions.AllowedRoot"/>, which leaves no gap in between.
/// </summary>
public static class SafePath
{
    /// <summary>The absolute path without links, <c>.</c> and <c>..</c>; the file or directory must exist.</summary>
    /// <exception cref="SecretException">
    /// <see cref="SecretErrorKind.FileNotFound"/>, <see cref="SecretErrorKind.PathValidationFailed"/> (empty, NUL, a loop
    /// of links) or <see cref="SecretErrorKind.Io"/>.
    /// </exception>
    public static string CanonicalizePath(string path)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw SecretException.PathValidationFailed("empty path");
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw SecretException.PathValidationFailed("path has a NUL character");
        }

        if (OperatingSystem.IsWindows())
        {
            return CanonicalizeManaged(path);
        }

        string? canonical = LibcFiles.RealPath(path);
        if (canonical is not null)
        {
            return canonical;
        }

        int error = Marshal.GetLastPInvokeError();
        throw error switch
        {
            LibcFiles.NoEntry or LibcFiles.NotDirectory => SecretException.FileNotFound(path),
            LibcFiles.LinkLoop => SecretException.PathValidationFailed($"too many symbolic links: {path}", path),
            _ => SecretException.Io($"{Marshal.GetPInvokeErrorMessage(error)}: {path}", path),
        };
    }

    /// <summary>
    /// Answers the canonical path of <paramref name="path"/> if it is <paramref name="root"/> or lies below it. A
    /// relative path is taken from the root. A sibling that merely starts with the same letters is outside.
    /// </summary>
    /// <exception cref="SecretException">
    /// <see cref="SecretErrorKind.PathValidationFailed"/>: outside. Also the errors of <see cref="CanonicalizePath"/>.
    /// </exception>
    public static string ValidatePathWithinRoot(string path, string root)
    {
        string canonicalRoot = CanonicalizePath(root);
        if (string.IsNullOrEmpty(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw SecretException.PathValidationFailed("empty path or NUL character");
        }

        // Refused by its text alone, before the file system could tell what exists out there.
        string full = Path.GetFullPath(path, Path.GetFullPath(root));
        if (!IsWithin(full, Path.GetFullPath(root)) && !IsWithin(full, canonicalRoot))
        {
            throw SecretException.PathValidationFailed($"outside the allowed root: {path}", path);
        }

        string canonical = CanonicalizePath(Path.Combine(root, path));
        return IsWithin(canonical, canonicalRoot)
            ? canonical
            : throw SecretException.PathValidationFailed($"outside the allowed root: {path}", path);
    }

    internal static bool IsWithin(string path, string root)
    {
        string prefix = Path.TrimEndingDirectorySeparator(root);
        return path.StartsWith(prefix, StringComparison.Ordinal) &&
            (path.Length == prefix.Length ||
                prefix.EndsWith(Path.DirectorySeparatorChar) ||
                path[prefix.Length] == Path.DirectorySeparatorChar);
    }

    private static string CanonicalizeManaged(string path)
    {
        string full = Path.GetFullPath(path);
        FileSystemInfo info = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
        if (!info.Exists)
        {
            throw SecretException.FileNotFound(path);
        }

        return info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
    }
}
