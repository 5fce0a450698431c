using System.Text;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// A private directory (0700) for the secret files of one test, with a fake credentials directory on request.
/// Everything in it vanishes on Dispose.
/// </summary>
public sealed class TemporarySecrets : IDisposable
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public TemporarySecrets()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("candlefish-secrets-").FullName;
    }

    public string Directory { get; }

    /// <summary>A directory as systemd makes it: mode 0700, one file per credential.</summary>
    public string CredentialsDirectory => System.IO.Directory.CreateDirectory(Path.Join(Directory, "credentials")).FullName;

    public string PathOf(string name) => Path.Join(Directory, name);

    public string Write(string name, string content, UnixFileMode mode = OwnerOnly) =>
        Write(name, Encoding.UTF8.GetBytes(content), mode);

    /// <summary>Writes below the directory, making the directories in between, and answers the full path.</summary>
    public string Write(string name, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly)
    {
        string path = PathOf(name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path) ?? Directory);
        File.WriteAllBytes(path, content);
        SetMode(path, mode);
        return path;
    }

    public string WriteCredential(string name, string content, UnixFileMode mode = UnixFileMode.UserRead)
    {
        string path = Path.Join(CredentialsDirectory, name);
        File.WriteAllText(path, content);
        SetMode(path, mode);
        return path;
    }

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    public static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? OwnerOnly : File.GetUnixFileMode(path);

    public string Link(string name, string target)
    {
        string path = PathOf(name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path) ?? Directory);
        File.CreateSymbolicLink(path, target);
        return path;
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
