using System.Runtime.InteropServices;
using Candlefish.Secrets.Native;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets.Files;

/// <summary>
/// Opens a secret file without being led astray: no link is followed unless allowed, and no path leaves the allowed
/// root. What is opened is checked afterwards on the handle (<see cref="FileChecks"/>).
/// </summary>
internal static class FileOpener
{
    private const string OutsideRoot = "outside the allowed root";

    private static int Flags => LibcFiles.ReadOnly | LibcFiles.NonBlocking | LibcFiles.CloseOnExec;

    internal static SafeFileHandle Open(string path, SecretFileOptions options)
    {
        RequirePath(path);
        if (options.AllowedRoot is not null)
        {
            return OpenBelow(options.AllowedRoot, path);
        }

        if (HasParentSegment(path))
        {
            throw SecretException.PathValidationFailed($"path has a '..' segment and no allowed root is set: {path}", path);
        }

        if (!OperatingSystem.IsLinux())
        {
            return OpenManaged(path, options.AllowSymlinks);
        }

        int flags = options.AllowSymlinks ? Flags : Flags | LibcFiles.NoFollow;
        SafeFileHandle file = LibcFiles.Open(path, flags);
        return file.IsInvalid ? throw Failure(file, path) : file;
    }

    /// <summary>Opens <paramref name="name"/>, one path segment, in a directory that is itself no link.</summary>
    internal static SafeFileHandle? OpenIn(string directory, string name, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.Exists(path) ? OpenManaged(path, allowSymlinks: false) : null;
        }

        using SafeFileHandle parent = LibcFiles.Open(
            directory, LibcFiles.PathOnly | LibcFiles.NoFollow | LibcFiles.CloseOnExec);
        if (parent.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            return IsMissing(error) ? null : throw Failure(parent, directory);
        }

        if (!LibcFiles.TryGetFacts(parent, out FileFacts facts) || facts.IsLink)
        {
            throw SecretException.PathValidationFailed("CREDENTIALS_DIRECTORY must not be a symbolic link", directory);
        }

        SafeFileHandle file = LibcFiles.OpenAt(parent, name, Flags | LibcFiles.NoFollow);
        if (!file.IsInvalid)
        {
            return file;
        }

        return IsMissing(Marshal.GetLastPInvokeError()) ? Nothing(file) : throw Failure(file, path);
    }

    private static SafeFileHandle OpenBelow(string root, string path)
    {
        RequirePath(root);
        if (!OperatingSystem.IsLinux())
        {
            return OpenManaged(SafePath.ValidatePathWithinRoot(path, root), allowSymlinks: false);
        }

        string relative = RelativeTo(root, path);
        using SafeFileHandle directory = LibcFiles.Open(
            root, LibcFiles.PathOnly | LibcFiles.Directory | LibcFiles.CloseOnExec);
        if (directory.IsInvalid)
        {
            throw Failure(directory, root);
        }

        SafeFileHandle file = LibcFiles.OpenBeneath(
            directory, relative, Flags, LibcFiles.ResolveBeneath | LibcFiles.ResolveNoMagicLinks);
        if (!file.IsInvalid)
        {
            return file;
        }

        int error = Marshal.GetLastPInvokeError();
        file.Dispose();
        return error switch
        {
            // An absolute link, or a way out: the canonical path tells which.
            LibcFiles.CrossDevice => OpenCanonical(directory, root, path, mayBeMissing: false),
            LibcFiles.NoSystemCall or LibcFiles.NotPermitted => OpenCanonical(directory, root, path, mayBeMissing: true),
            _ => throw Failure(error, path),
        };
    }

    /// <summary>
    /// Resolves every link first and then walks the canonical path below the root one directory at a time, following
    /// nothing: a link put in between is refused.
    /// </summary>
    private static SafeFileHandle OpenCanonical(SafeFileHandle root, string rootPath, string path, bool mayBeMissing)
    {
        string? canonicalRoot = LibcFiles.RealPath(rootPath);
        string? canonical = LibcFiles.RealPath(Path.Combine(rootPath, path));
        int error = Marshal.GetLastPInvokeError();
        if (canonical is null && mayBeMissing)
        {
            throw Failure(error, path);
        }

        if (canonical is null || canonicalRoot is null || !SafePath.IsWithin(canonical, canonicalRoot))
        {
            throw SecretException.PathValidationFailed($"{OutsideRoot}: {path}", path);
        }

        string[] names = canonical[canonicalRoot.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        SafeFileHandle at = root;
        for (int i = 0; i < names.Length; i++)
        {
            bool isLast = i == names.Length - 1;
            int flags = isLast ? Flags : LibcFiles.PathOnly | LibcFiles.Directory | LibcFiles.CloseOnExec;
            SafeFileHandle next = LibcFiles.OpenAt(at, names[i], flags | LibcFiles.NoFollow);
            error = Marshal.GetLastPInvokeError();
            if (!ReferenceEquals(at, root))
            {
                at.Dispose();
            }

            if (next.IsInvalid)
            {
                next.Dispose();
                throw Failure(error, path);
            }

            at = next;
        }

        return ReferenceEquals(at, root) ? throw SecretException.Io($"not a regular file: {path}", path) : at;
    }

    private static string RelativeTo(string root, string path)
    {
        if (!Path.IsPathRooted(path))
        {
            return path;
        }

        string prefix = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + "/";
        if (prefix == "//")
        {
            prefix = "/";
        }

        string relative = path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..].TrimStart('/') : "";
        return relative.Length > 0
            ? relative
            : throw SecretException.PathValidationFailed($"{OutsideRoot}: {path}", path);
    }

    private static SafeFileHandle OpenManaged(string path, bool allowSymlinks)
    {
        try
        {
            if (!allowSymlinks && new FileInfo(path).LinkTarget is not null)
            {
                throw Failure(LibcFiles.LinkLoop, path);
            }

            return File.OpenHandle(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SecretException.FileNotFound(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw SecretException.Io($"cannot open {path}", path);
        }
    }

    private static void RequirePath(string path)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw SecretException.PathValidationFailed("empty path");
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw SecretException.PathValidationFailed("path has a NUL character");
        }
    }

    private static bool HasParentSegment(string path)
    {
        ReadOnlySpan<char> rest = path;
        foreach (Range segment in rest.SplitAny('/', Path.DirectorySeparatorChar))
        {
            if (rest[segment] is "..")
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsMissing(int error) => error is LibcFiles.NoEntry or LibcFiles.NotDirectory;

    private static SafeFileHandle? Nothing(SafeFileHandle invalid)
    {
        invalid.Dispose();
        return null;
    }

    private static SecretException Failure(SafeFileHandle invalid, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        invalid.Dispose();
        return Failure(error, path);
    }

    private static SecretException Failure(int error, string path) => error switch
    {
        LibcFiles.NoEntry or LibcFiles.NotDirectory => SecretException.FileNotFound(path),
        LibcFiles.LinkLoop => SecretException.PathValidationFailed(
            $"symbolic link refused; set an allowed root or AllowSymlinks: {path}", path),
        _ => SecretException.Io($"{Marshal.GetPInvokeErrorMessage(error)}: {path}", path),
    };
}
