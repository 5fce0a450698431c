namespace Candlefish.Secrets.Vault.Audit;

/// <summary>Takes audit lines: a file, syslog, a socket.</summary>
/// <remarks>
/// One writer calls at a time. A line is taken when the operating system has it; a device that cannot take it throws,
/// and one that blocks is abandoned by the broker at its write deadline.
/// </remarks>
public interface IAuditDevice : IAsyncDisposable
{
    /// <summary><c>file</c>, <c>syslog</c>, <c>socket</c>.</summary>
    string Type { get; }

    /// <summary>Longest line, its line feed included, that the device can take; a longer one is shortened by the formatter.</summary>
    int MaxLineBytes => int.MaxValue;

    /// <summary>Writes whole lines, each ending in a line feed.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation);

    /// <summary>Closes and reopens the target (log rotation, SIGHUP).</summary>
    ValueTask ReopenAsync(CancellationToken cancellation);
}

/// <summary>A device that can read back what it kept, so that its chain goes on where it ended.</summary>
public interface IResumableAuditDevice : IAuditDevice
{
    /// <summary>The last bytes of the target, at most <paramref name="count"/>; fewer = that is all there is.</summary>
    ValueTask<byte[]> ReadEndAsync(int count, CancellationToken cancellation);
}

/// <summary>Options of a device as given by <c>sys/audit/PATH</c>.</summary>
/// <param name="Path">Where the device is enabled, for example <c>file/</c>.</param>
/// <param name="Options">As sent; the device refuses names that it does not know.</param>
/// <param name="AuditDirectory">The one directory that files may be in; empty = none.</param>
public sealed record AuditDeviceOptions(string Path, IReadOnlyDictionary<string, string> Options, string AuditDirectory);

/// <summary>Opens a device, or refuses with <see cref="Requests.RequestRefused"/>.</summary>
public delegate ValueTask<IAuditDevice> AuditDeviceFactory(AuditDeviceOptions options, CancellationToken cancellation);

/// <summary>The kinds of audit devices. <c>Builtins</c> fills it once, at start.</summary>
public sealed class AuditCatalog
{
    private readonly Dictionary<string, AuditDeviceFactory> _factories = new(StringComparer.Ordinal);

    public AuditCatalog Device(string type, AuditDeviceFactory factory)
    {
        _factories[type] = factory;
        return this;
    }

    public AuditDeviceFactory? Find(string type) => _factories.GetValueOrDefault(type);
}

/// <summary>No audit device took an entry: the request must not be answered.</summary>
public sealed class AuditUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
