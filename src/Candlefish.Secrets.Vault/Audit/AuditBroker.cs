using Candlefish.Secrets.Vault.Audit.Entries;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>
/// Sends every request and response to the enabled audit devices before anything is answered. An entry counts when one
/// device has taken it; with no device enabled, nothing is recorded and everything passes.
/// </summary>
/// <remarks>
/// Requests wait for all devices that work, so that each of them has every entry; a device that blocks or fails is not
/// waited for while another works, nor during its first minute afterwards. Thread-safe.
/// </remarks>
internal sealed class AuditBroker : IAsyncDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan NoteHeadsEvery = TimeSpan.FromSeconds(60);

    private readonly UnsealedVault _vault;
    private readonly SemaphoreSlim _changes = new(1, 1);
    private readonly List<EnabledDevice> _disabled = [];
    private AuditSigner? _signer;
    private ITimer? _timer;
    private long _headsNotedAt;
    private volatile EnabledDevice[] _devices = [];
    private volatile AuditedHeaders _headers = AuditedHeaders.None;

    private AuditBroker(UnsealedVault vault)
    {
        _vault = vault;
        _headsNotedAt = vault.Time.GetTimestamp();
    }

    public IReadOnlyList<EnabledDevice> Devices => _devices;

    public AuditedHeaders Headers => _headers;

    /// <summary>Key of the checkpoints, base64; empty when no device was ever enabled.</summary>
    public string PublicKey => _signer?.PublicKey ?? "";

    /// <summary>Enables the first device of a new vault, in the transaction that writes its first content.</summary>
    public static void WriteInitial(StorageTransaction tx, VaultOptions options)
    {
        if (options.AuditDirectory.Length == 0 || !options.AuditsFromInit)
            return;
        AuditStore.PutDevices(tx,
        [
            new AuditDeviceEntry
            {
                Path = "file/",
                Type = "file",
                Uuid = RandomText.Uuid(),
                Description = "enabled at init",
                Options = new Dictionary<string, string> { ["file_path"] = Path.Combine(options.AuditDirectory, "audit.log") },
            },
        ]);
    }

    public static async ValueTask<AuditBroker> LoadAsync(UnsealedVault vault, CancellationToken cancellation)
    {
        var broker = new AuditBroker(vault);
        while (!await broker.TryLoadAsync(cancellation))
            vault.Log.Write(VaultLogLevel.Debug, "the audit devices changed while they were loaded: loading again");
        broker._timer = vault.Time.CreateTimer(static state => ((AuditBroker?)state)?.Tick(), broker, TickEvery, TickEvery);
        return broker;
    }

    // False: another node made the key or a salt at the same time.
    private async ValueTask<bool> TryLoadAsync(CancellationToken cancellation)
    {
        using StorageTransaction tx = _vault.Barrier.Begin();
        _headers = await AuditStore.HeadersAsync(tx, cancellation);
        IReadOnlyList<AuditDeviceEntry> entries = await AuditStore.DevicesAsync(tx, cancellation);
        if (entries.Count == 0)
            return true;
        AuditSigner signer = await AuditStore.SignerAsync(tx, cancellation);
        var devices = new List<EnabledDevice>();
        foreach (AuditDeviceEntry entry in entries)
        {
            StoredHead? head = await AuditStore.HeadAsync(tx, entry.Uuid, cancellation);
            devices.Add(Build(entry, await AuditStore.HasherAsync(tx, entry.Uuid, cancellation), signer, head, isNew: false));
            // From here on an end without a later note is an end by accident.
            if (head is { IsClean: true })
                AuditStore.PutHead(tx, entry.Uuid, head with { IsClean = false });
        }
        if (await tx.CommitAsync(cancellation))
        {
            (_signer, _devices) = (signer, [.. devices]);
            return true;
        }
        devices.ForEach(d => d.Dispose());
        signer.Dispose();
        return false;
    }

    /// <summary>Records that a change is about to be made.</summary>
    /// <exception cref="AuditUnavailableException">Devices are enabled and none took the entry.</exception>
    public ValueTask RequestAsync(RequestContext context, CancellationToken cancellation) => RecordAsync(context, null);

    /// <summary>Records what will be answered; carries the request as well.</summary>
    /// <exception cref="AuditUnavailableException">Devices are enabled and none took the entry.</exception>
    public ValueTask ResponseAsync(RequestContext context, VaultResponse response, CancellationToken cancellation) => RecordAsync(context, response);

    /// <summary>Records that the vault was unsealed, and what was tried before.</summary>
    /// <exception cref="AuditUnavailableException">Devices are enabled and none took the entry.</exception>
    public ValueTask UnsealedAsync(SealedAttempts attempts)
    {
        if (_devices.Length == 0)
            return ValueTask.CompletedTask;
        (IReadOnlyList<NodeAttempt> made, long dropped) = attempts.Take();
        return EventAsync(NodeEvent.Unsealed(new AuditBuffer(), _vault.Time.GetUtcNow(), made, dropped));
    }

    /// <summary>Records a request to one of the paths that work in every state.</summary>
    /// <exception cref="AuditUnavailableException">Devices are enabled and none took the entry.</exception>
    public ValueTask NodeRequestAsync(NodeAttempt attempt) => EventAsync(NodeEvent.Attempt(new AuditBuffer(), _vault.Time.GetUtcNow(), attempt));

    /// <summary>Closes and opens every target again: files were rotated.</summary>
    public void Reopen()
    {
        foreach (EnabledDevice device in _devices)
            device.Writer.AskReopen();
    }

    /// <summary>Opens a device, proves with a first entry that it works, and enables it.</summary>
    /// <exception cref="RequestRefused">400: path in use, unknown type, option refused, or the device took nothing.</exception>
    public async ValueTask EnableAsync(AuditDeviceEntry entry, CancellationToken cancellation)
    {
        await _changes.WaitAsync(cancellation);
        try
        {
            if (_devices.FirstOrDefault(d => Overlap(d.Entry.Path, entry.Path)) is { } other)
                throw RequestRefused.BadRequest($"path already in use: a device is enabled at {other.Entry.Path}");
            using StorageTransaction tx = _vault.Barrier.Begin();
            AuditSigner signer = _signer ?? await AuditStore.SignerAsync(tx, cancellation);
            EnabledDevice device = Build(entry, await AuditStore.HasherAsync(tx, entry.Uuid, cancellation), signer, null, isNew: true);
            try
            {
                await ProveAsync(device);
                AuditStore.PutDevices(tx, [.. await AuditStore.DevicesAsync(tx, cancellation), entry]);
                if (device.Writer.Head is { } head)
                    AuditStore.PutHead(tx, entry.Uuid, head);
                if (!await tx.CommitAsync(cancellation))
                    throw RequestRefused.BadRequest("another node changed the audit devices at the same time: try again");
            }
            catch
            {
                await device.Writer.DisposeAsync();
                device.Dispose();
                if (signer != _signer)
                    signer.Dispose();
                throw;
            }
            _signer = signer;
            _devices = [.. _devices, device];
            _vault.Log.Write(VaultLogLevel.Info, $"audit device {entry.Path} ({entry.Type}) enabled");
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Disables a device: its trail ends with a signed line. A path without device is no error.</summary>
    public async ValueTask DisableAsync(string path, CancellationToken cancellation)
    {
        await _changes.WaitAsync(cancellation);
        try
        {
            if (_devices.FirstOrDefault(d => d.Entry.Path == path) is not { } device)
                return;
            using StorageTransaction tx = _vault.Barrier.Begin();
            AuditStore.PutDevices(tx, [.. (await AuditStore.DevicesAsync(tx, cancellation)).Where(e => e.Uuid != device.Entry.Uuid)]);
            AuditStore.DeleteHead(tx, device.Entry.Uuid);
            if (!await tx.CommitAsync(cancellation))
                throw RequestRefused.BadRequest("another node changed the audit devices at the same time: try again");
            _devices = [.. _devices.Where(d => d != device)];
            await device.Writer.Submit(NodeEvent.Plain(new AuditBuffer(), _vault.Time.GetUtcNow(), "disable", path));
            await device.Writer.DisposeAsync();
            // Running requests may still format for it: its salt is forgotten at seal.
            _disabled.Add(device);
            _vault.Log.Write(VaultLogLevel.Warning, _devices.Length == 0
                ? $"audit device {path} disabled: NOTHING IS AUDITED until one is enabled"
                : $"audit device {path} disabled");
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Replaces the audited headers once the request commits.</summary>
    public void ChangeHeaders(RequestContext context, AuditedHeaders headers)
    {
        AuditStore.PutHeaders(context.Transaction, headers);
        context.AfterCommit(() => _headers = headers);
    }

    /// <summary>Ends every trail with a signed line and notes where it ended. The barrier is still open.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
        EnabledDevice[] devices = _devices;
        var ends = new List<(string Uuid, StoredHead Head)>();
        foreach (EnabledDevice device in devices)
        {
            // Nothing can be done here when it is not taken: the seal goes on.
            _ = device.Writer.Submit(NodeEvent.Plain(new AuditBuffer(), _vault.Time.GetUtcNow(), "seal"));
            bool isClean = await device.Writer.StopAsync();
            if (device.Writer.Head is { } head)
                ends.Add((device.Entry.Uuid, head with { IsClean = isClean }));
            device.Dispose();
        }
        foreach (EnabledDevice device in _disabled)
            device.Dispose();
        await NoteAsync(ends, CancellationToken.None);
        _signer?.Dispose();
        _changes.Dispose();
    }

    private ValueTask RecordAsync(RequestContext context, VaultResponse? response)
    {
        EnabledDevice[] devices = _devices;
        switch (devices.Length)
        {
            case 0:
                return ValueTask.CompletedTask;
            case 1:
                return OneAsync(devices[0], devices[0].Record(context, response, _headers));
            default:
                var written = new Task<bool>[devices.Length];
                for (int i = 0; i < devices.Length; i++)
                    written[i] = devices[i].Record(context, response, _headers);
                return ManyAsync(devices, written);
        }
    }

    private ValueTask EventAsync(ReadOnlySpan<byte> entry)
    {
        EnabledDevice[] devices = _devices;
        var written = new Task<bool>[devices.Length];
        for (int i = 0; i < devices.Length; i++)
            written[i] = devices[i].Writer.Submit(entry);
        return devices.Length == 0 ? ValueTask.CompletedTask : ManyAsync(devices, written);
    }

    private static async ValueTask OneAsync(EnabledDevice device, Task<bool> written)
    {
        if (!await written)
            throw Unavailable([device]);
    }

    private static async ValueTask ManyAsync(EnabledDevice[] devices, Task<bool>[] written)
    {
        bool isTaken = false;
        // Working devices first; the others only when those have not taken it.
        for (int i = 0; i < devices.Length; i++)
        {
            if (devices[i].Writer.IsAwaited)
                isTaken |= await written[i];
        }
        for (int i = 0; i < devices.Length && !isTaken; i++)
            isTaken = await written[i];
        if (!isTaken)
            throw Unavailable(devices);
    }

    private static AuditUnavailableException Unavailable(EnabledDevice[] devices) => new(
        "no audit device took the entry: " + string.Join("; ", devices.Select(d => $"{d.Entry.Path} {d.Writer.LastFailure?.Message ?? "is stopping"}")),
        devices[0].Writer.LastFailure);

    private EnabledDevice Build(AuditDeviceEntry entry, AuditHasher hasher, AuditSigner signer, StoredHead? known, bool isNew)
    {
        try
        {
            AuditDeviceFactory factory = _vault.AuditDevices.Find(entry.Type) ?? throw RequestRefused.BadRequest("unknown backend type: this server has no such audit device");
            AuditOptions options = AuditOptions.Parse(entry.Options);
            var deviceOptions = new AuditDeviceOptions(entry.Path, options.OfDevice, DirectoryOf(_vault.Options));
            var trail = new DeviceTrail(entry.Path, c => factory(deviceOptions, c), signer, known, isNew, _vault.Time, _vault.Log);
            return new EnabledDevice(entry, options, hasher, new DeviceWriter(trail, _vault.Time, _vault.Log));
        }
        catch
        {
            hasher.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The directory that audit files may be in: the configured one, else <c>CANDLEFISH_AUDIT_DIR</c>, else, when nothing is
    /// kept anyway (in-memory storage), the system's directory for temporary files.
    /// </summary>
    private static string DirectoryOf(VaultOptions options)
    {
        if (options.AuditDirectory.Length > 0)
            return options.AuditDirectory;
        if (Environment.GetEnvironmentVariable("CANDLEFISH_AUDIT_DIR") is { Length: > 0 } named)
            return named;
        return options.StorageType == "inmem" ? Path.GetTempPath() : "";
    }

    private async ValueTask ProveAsync(EnabledDevice device)
    {
        if (await device.Writer.Submit(NodeEvent.Plain(new AuditBuffer(), _vault.Time.GetUtcNow(), "enable", device.Entry.Path)))
            return;
        Exception? failure = device.Writer.LastFailure;
        throw failure as RequestRefused
            ?? RequestRefused.BadRequest($"the audit device did not take a first entry: {failure?.Message ?? "it blocks"}");
    }

    private static bool Overlap(string a, string b) => a.StartsWith(b, StringComparison.Ordinal) || b.StartsWith(a, StringComparison.Ordinal);

    private void Tick()
    {
        foreach (EnabledDevice device in _devices)
            device.Writer.Tick();
        if (_vault.Time.GetElapsedTime(_headsNotedAt) < NoteHeadsEvery)
            return;
        _headsNotedAt = _vault.Time.GetTimestamp();
        (string, StoredHead)[] heads = [.. _devices.Where(d => d.Writer.Head is not null).Select(d => (d.Entry.Uuid, d.Writer.Head ?? throw new InvalidOperationException("just seen")))];
        if (heads.Length > 0)
            _vault.Background.Start("noting the audit heads", c => NoteAsync(heads, c).AsTask());
    }

    private async ValueTask NoteAsync(IReadOnlyList<(string Uuid, StoredHead Head)> heads, CancellationToken cancellation)
    {
        if (heads.Count == 0)
            return;
        try
        {
            using StorageTransaction tx = _vault.Barrier.Begin();
            foreach ((string uuid, StoredHead head) in heads)
                AuditStore.PutHead(tx, uuid, head);
            await tx.CommitAsync(cancellation);
        }
        catch (Storage.StorageException e)
        {
            _vault.Log.Write(VaultLogLevel.Warning, "the heads of the audit trails could not be noted: a cut of their end would be seen less exactly", e);
        }
    }
}
