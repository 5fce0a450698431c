namespace Candlefish.Secrets.Vault.Audit;

/// <summary>
/// The trail of one device: opens the device, takes up the chain where it ended, ties entries to it and signs checkpoints.
/// One caller at a time, except where noted.
/// </summary>
internal sealed class DeviceTrail : IAsyncDisposable
{
    /// <summary>Lines between two checkpoints.</summary>
    private const int CheckpointLines = 1_000;

    private readonly Func<CancellationToken, ValueTask<IAuditDevice>> _open;
    private readonly AuditSigner _signer;
    private readonly TimeProvider _time;
    private readonly IVaultLog _log;
    private readonly AuditBuffer _out = new();
    private readonly bool _beginsChain;
    private readonly StoredHead? _known;
    private IAuditDevice? _device;
    private AuditChain? _chain;
    private bool _isInStep;
    private bool _hasReopened;
    private long _connectedAt;
    private long _sinceCheckpoint;
    private long _checkpointAt;
    private volatile StoredHead? _confirmed;
    private volatile int _maxLineBytes = int.MaxValue;

    /// <param name="open">Opens the device; called again after it failed.</param>
    /// <param name="known">Where the vault knows that the chain of this device was.</param>
    /// <param name="beginsChain">The device is being enabled: a new chain, whatever the target holds.</param>
    public DeviceTrail(string path, Func<CancellationToken, ValueTask<IAuditDevice>> open, AuditSigner signer, StoredHead? known, bool beginsChain, TimeProvider time, IVaultLog log)
    {
        Path = path;
        _open = open;
        _signer = signer;
        _known = known;
        _beginsChain = beginsChain;
        _time = time;
        _log = log;
        _checkpointAt = time.GetTimestamp();
    }

    /// <summary>Where the device is enabled.</summary>
    public string Path { get; }

    /// <summary>The last line that the device is known to have. Any thread.</summary>
    public StoredHead? Confirmed => _confirmed;

    /// <summary>Any thread.</summary>
    public int MaxLineBytes => _maxLineBytes;

    /// <summary>Lines wait for a signature longer than <paramref name="limit"/>. Any thread.</summary>
    public bool IsCheckpointDue(TimeSpan limit) =>
        Interlocked.Read(ref _sinceCheckpoint) > 0 && _time.GetElapsedTime(Interlocked.Read(ref _checkpointAt)) >= limit;

    /// <summary>
    /// Writes the entries of a batch, and what the place in the trail asks for, in one write. A device that worked until now
    /// gets a second chance: a collector may just have been restarted.
    /// </summary>
    /// <exception cref="Exception">The device did not take them all.</exception>
    public async ValueTask WriteAsync(AuditBatch batch, TrailWork work, CancellationToken cancellation)
    {
        bool worked = _isInStep;
        try
        {
            await WriteOnceAsync(batch, work, cancellation);
        }
        catch (Exception e) when (worked && e is not OperationCanceledException)
        {
            _log.Write(VaultLogLevel.Warning, $"audit device {Path} is opened again", e);
            await WriteOnceAsync(batch, work, cancellation);
        }
    }

    private async ValueTask WriteOnceAsync(AuditBatch batch, TrailWork work, CancellationToken cancellation)
    {
        try
        {
            if (work.Reopens)
                await ReopenAsync(cancellation);
            _device ??= await _open(cancellation);
            _maxLineBytes = _device.MaxLineBytes;
            _out.Clear();
            bool isInStep = _isInStep && work.Lost == 0;
            _isInStep = false;
            if (!isInStep)
                await TakeUpAsync(_device, work.Lost, cancellation);
            AuditChain chain = _chain ?? throw new InvalidOperationException("the chain is taken up");
            bool isSigned = AppendEntries(chain, batch, isInStep ? work.Checkpoint : null);
            await _device.WriteAsync(_out.WrittenMemory, cancellation);
            _isInStep = true;
            _hasReopened = false;
            _confirmed = new StoredHead(1, chain.Id, chain.Sequence, chain.Head, false);
            if (isSigned || !isInStep)
            {
                Interlocked.Exchange(ref _sinceCheckpoint, isSigned ? 0 : batch.Count);
                Interlocked.Exchange(ref _checkpointAt, _time.GetTimestamp());
            }
            else
            {
                Interlocked.Add(ref _sinceCheckpoint, batch.Count);
            }
        }
        catch
        {
            await CloseFailedAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_device is { } device)
        {
            _device = null;
            await device.DisposeAsync();
        }
    }

    private bool AppendEntries(AuditChain chain, AuditBatch batch, string? checkpoint)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            int start = _out.Length;
            _out.Append(batch[i]);
            chain.Close(_out, start);
        }
        if (checkpoint is null && Interlocked.Read(ref _sinceCheckpoint) + batch.Count < CheckpointLines)
            return false;
        AppendCheckpoint(chain, checkpoint ?? "interval");
        return true;
    }

    private void AppendCheckpoint(AuditChain chain, string reason)
    {
        int start = _out.Length;
        TrailLine.WriteCheckpoint(_out, _time.GetUtcNow(), reason, _signer);
        chain.CloseSigned(_out, start, _signer);
    }

    /// <summary>Finds out where the chain goes on, and writes the note and the checkpoint that say so.</summary>
    private async ValueTask TakeUpAsync(IAuditDevice device, long lost, CancellationToken cancellation)
    {
        TrailResumption resumption = device is IResumableAuditDevice resumable
            ? TrailResumption.OfKept(await AuditTail.ReadAsync(resumable, cancellation), _confirmed, _known, _beginsChain, _hasReopened)
            : TrailResumption.OfStream(_chain, _connectedAt, _confirmed, _known, _beginsChain);
        if (resumption.Missing > 0)
            _log.Write(VaultLogLevel.Error, $"audit device {Path}: entries up to seq {resumption.Missing} are missing from its end; someone removed them, or the storage lost them");
        _chain = resumption.Chain;
        _connectedAt = _chain.Sequence;
        if (resumption.NeedsLineFeed)
            _out.Append((byte)'\n');
        int start = _out.Length;
        var note = new ChainNote(
            _chain.Sequence == 0 ? "start" : "continue",
            _signer.PublicKey,
            resumption.TornBytes,
            resumption.TornHash,
            lost,
            resumption.Skipped,
            resumption.Missing);
        TrailLine.Write(_out, _time.GetUtcNow(), note);
        _chain.Close(_out, start);
        AppendCheckpoint(_chain, note.Kind);
    }

    // The file that is closed ends in a signed line; the new one begins by taking the chain up.
    private async ValueTask ReopenAsync(CancellationToken cancellation)
    {
        if (_device is null)
            return;
        if (_isInStep && _chain is { } chain)
        {
            _isInStep = false;
            _out.Clear();
            AppendCheckpoint(chain, "reopen");
            await _device.WriteAsync(_out.WrittenMemory, cancellation);
            _confirmed = new StoredHead(1, chain.Id, chain.Sequence, chain.Head, false);
        }
        _isInStep = false;
        _hasReopened = true;
        await _device.ReopenAsync(cancellation);
    }

    private async ValueTask CloseFailedAsync()
    {
        _isInStep = false;
        if (_device is not { } device)
            return;
        _device = null;
        try
        {
            await device.DisposeAsync();
        }
        catch (Exception e)
        {
            _log.Write(VaultLogLevel.Warning, $"audit device {Path} could not be closed", e);
        }
    }
}
