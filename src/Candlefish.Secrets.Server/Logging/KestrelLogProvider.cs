using Candlefish.Secrets.Vault;
using Microsoft.Extensions.Logging;

namespace Candlefish.Secrets.Server.Logging;

/// <summary>
/// Warnings and errors of the web server, in our log. Lower levels never pass: they quote request lines, and paths can be
/// confidential.
/// </summary>
internal sealed class KestrelLogProvider(IVaultLog log) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Forward(log);

    public void Dispose()
    {
    }

    private sealed class Forward(IVaultLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Write(logLevel == LogLevel.Warning ? VaultLogLevel.Warning : VaultLogLevel.Error, formatter(state, exception), exception);
        }
    }
}
