using System.Runtime.InteropServices;
using Candlefish.Secrets.Native;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets.Files;

/// <summary>Checks type, owner and mode of a file that is already open, so that nothing can be swapped in between.</summary>
internal static class FileChecks
{
    private const int OthersMayAnything = 0x3F; // 0o077
    private const int WritableByOthers = 0x12; // 0o022

    private static int s_warnedUnchecked;

    /// <summary>Refuses what is not a private regular file, and answers its stated size.</summary>
    internal static long RequirePrivate(SafeFileHandle file, string path, bool isCredential)
    {
        if (!OperatingSystem.IsLinux())
        {
            return RequirePrivateManaged(file, path);
        }

        if (!LibcFiles.TryGetFacts(file, out FileFacts facts))
        {
            throw SecretException.Io(
                $"{Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}: {path}", path);
        }

        if (!facts.IsRegular)
        {
            throw SecretException.Io($"not a regular file: {path}", path);
        }

        uint user = LibcFiles.EffectiveUser();
        if (facts.Owner != 0 && facts.Owner != user)
        {
            throw SecretException.WrongOwner(path, facts.Mode, facts.Owner);
        }

        bool isPrivate = (facts.Mode & OthersMayAnything) == 0 ||
            (isCredential && CredentialAccessList.IsOnlyFor(file, facts.Mode, user));
        if (!isPrivate)
        {
            throw SecretException.PermissionsTooOpen(path, facts.Mode);
        }

        return facts.Size > long.MaxValue ? long.MaxValue : (long)facts.Size;
    }

    /// <summary>Refuses a file whose directories someone else could rewrite.</summary>
    internal static void RequireSafeParents(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string? canonical = LibcFiles.RealPath(path);
        string? directory = Path.GetDirectoryName(canonical);
        while (!string.IsNullOrEmpty(directory))
        {
            using SafeFileHandle handle = LibcFiles.Open(
                directory, LibcFiles.PathOnly | LibcFiles.Directory | LibcFiles.CloseOnExec);
            if (handle.IsInvalid || !LibcFiles.TryGetFacts(handle, out FileFacts facts))
            {
                throw SecretException.Io($"cannot look at the directory {directory}", directory);
            }

            if (facts.Owner != 0 && facts.Owner != LibcFiles.EffectiveUser())
            {
                throw SecretException.WrongOwner(directory, facts.Mode, facts.Owner);
            }

            if ((facts.Mode & WritableByOthers) != 0 && !facts.IsSticky)
            {
                throw SecretException.PermissionsTooOpen(directory, facts.Mode);
            }

            directory = Path.GetDirectoryName(directory);
        }
    }

    private static long RequirePrivateManaged(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            int mode = (int)File.GetUnixFileMode(file);
            if ((mode & OthersMayAnything) != 0)
            {
                throw SecretException.PermissionsTooOpen(path, mode & 0x1FF);
            }
        }
        else if (Interlocked.Exchange(ref s_warnedUnchecked, 1) == 0)
        {
            SecretsEventSource.Log.PermissionsUnchecked(path);
        }

        return RandomAccess.GetLength(file);
    }
}
