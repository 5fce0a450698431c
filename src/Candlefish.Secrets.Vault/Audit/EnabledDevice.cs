using System.Collections.Concurrent;
using Candlefish.Secrets.Vault.Audit.Entries;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>A device in use: its salt, its formatters and its writer. Thread-safe.</summary>
internal sealed class EnabledDevice(AuditDeviceEntry entry, AuditOptions options, AuditHasher hasher, DeviceWriter writer) : IDisposable
{
    private readonly ConcurrentBag<AuditFormatter> _idle = [];

    public AuditDeviceEntry Entry { get; } = entry;

    public AuditHasher Hasher { get; } = hasher;

    public DeviceWriter Writer { get; } = writer;

    /// <summary>Renders a request (<paramref name="response"/> null) or response and hands it to the writer.</summary>
    public Task<bool> Record(RequestContext context, VaultResponse? response, AuditedHeaders headers)
    {
        if (!_idle.TryTake(out AuditFormatter? formatter))
            formatter = new AuditFormatter(Hasher);
        int maxBytes = Writer.MaxLineBytes == int.MaxValue ? int.MaxValue : Writer.MaxLineBytes - ChainLine.MaxSuffixBytes;
        Task<bool> written = Writer.Submit(formatter.Format(context, response, headers, options.ElidesLists, maxBytes));
        _idle.Add(formatter);
        return written;
    }

    /// <summary>The salt is forgotten; the writer has been stopped before.</summary>
    public void Dispose() => Hasher.Dispose();
}
