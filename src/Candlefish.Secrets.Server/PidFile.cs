using System.Globalization;

namespace Candlefish.Secrets.Server;

/// <summary>The file of <c>pid_file</c>: exists while the server runs.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _path;

    private PidFile(string path) => _path = path;

    /// <summary><see langword="null"/> when no file is configured.</summary>
    /// <exception cref="ServerStartException">The file cannot be written.</exception>
    public static PidFile? Write(string path)
    {
        if (path.Length == 0)
            return null;
        try
        {
            File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            return new PidFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException($"pid_file {path} cannot be written: {e.Message}", e);
        }
    }

    public void Dispose() => File.Delete(_path);
}
