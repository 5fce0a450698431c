namespace Candlefish.Secrets.Tests.Support;

/// <summary>A new directory under the system's temporary one, with mode 0700, deleted with all its content at the end.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("candlefish-").FullName;

    public string Path { get; }

    /// <summary>A path inside; nothing is created.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
