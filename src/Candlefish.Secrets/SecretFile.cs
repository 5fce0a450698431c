using System.Security.Cryptography;
using Candlefish.Secrets.Files;
using Candlefish.Secrets.Native;
using Microsoft.Win32.SafeHandles;

namespace Candlefish.Secrets;

/// <summary>Files that hold one secret each: asks for them and writes them. <see cref="Secret"/> and <see cref="SecretKey"/> read them.</summary>
public static class SecretFile
{
    /// <summary>Largest text file that is loaded: 1 MiB.</summary>
    public const int MaxTextBytes = SecretFileReader.MaxTextBytes;

    /// <summary>Largest key file that is loaded: 1 KiB.</summary>
    public const int MaxKeyFileBytes = SecretFileReader.MaxKeyFileBytes;

    /// <summary>Whether there is such a file; it is not opened, and may still be refused when it is loaded.</summary>
    public static bool Exists(string? path) => File.Exists(path);

    /// <summary>
    /// Writes a secret so that it is never seen half written or with an open mode: a new file beside the target is made
    /// with mode 0600, written, flushed to the disk and renamed over it.
    /// </summary>
    /// <param name="path">The target. Its directory must exist.</param>
    /// <param name="secret">The content, written as it is. The caller zeroes it.</param>
    /// <exception cref="SecretException"><see cref="SecretErrorKind.Io"/>: the system refused.</exception>
    public static void Save(string path, ReadOnlySpan<byte> secret)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.tmp";
        try
        {
            WriteNew(temporary, secret);
            File.Move(temporary, path, overwrite: true);
            FlushDirectory(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw SecretException.Io($"cannot write {path}", path);
        }
        finally
        {
            RemoveLeftover(temporary);
        }
    }

    internal static T Logged<T>(Func<T> load)
    {
        try
        {
            return load();
        }
        catch (SecretException failure)
        {
            SecretsEventSource.Log.LoadFailed(failure.Message);
            throw;
        }
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> secret)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(secret);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>The rename itself survives a loss of power only when the directory is flushed too.</summary>
    private static void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        using SafeFileHandle handle = LibcFiles.Open(directory, LibcFiles.Directory | LibcFiles.CloseOnExec);
        if (!handle.IsInvalid)
        {
            RandomAccess.FlushToDisk(handle);
        }
    }

    private static void RemoveLeftover(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                File.Delete(path);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return; // The error of the write itself is the one that the caller needs.
        }
    }
}
