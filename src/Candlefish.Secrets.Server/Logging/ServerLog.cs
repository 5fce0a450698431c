using System.Globalization;
using System.Text;
using Candlefish.Secrets.Vault;

namespace Candlefish.Secrets.Server.Logging;

/// <summary>
/// The operational log: one line per event, <c>2026-01-01T00:00:00.000Z [INFO]  text</c>. Control characters are escaped, so
/// nothing that a client sends can begin a line of its own. Thread-safe.
/// </summary>
internal sealed class ServerLog(TextWriter writer, TimeProvider time, VaultLogLevel level) : IVaultLog
{
    private readonly Lock _gate = new();
    private volatile VaultLogLevel _level = level;

    /// <summary>Lines below this level are dropped.</summary>
    public VaultLogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    public void Write(VaultLogLevel level, string message, Exception? exception = null)
    {
        if (level < _level)
            return;
        var line = new StringBuilder(160);
        line.Append(time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        line.Append(level switch
        {
            VaultLogLevel.Debug => " [DEBUG] ",
            VaultLogLevel.Info => " [INFO]  ",
            VaultLogLevel.Warning => " [WARN]  ",
            _ => " [ERROR] ",
        });
        AppendEscaped(line, message);
        if (exception is not null)
        {
            line.Append(": ");
            AppendEscaped(line, exception.ToString());
        }
        lock (_gate)
            writer.WriteLine(line);
    }

    private static void AppendEscaped(StringBuilder line, string text)
    {
        foreach (char c in text)
        {
            if (c == '\n')
                line.Append(" | ");
            else if (c != '\r' && !char.IsControl(c))
                line.Append(c);
        }
    }
}
