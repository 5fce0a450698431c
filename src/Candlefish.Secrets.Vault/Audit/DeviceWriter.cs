using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>What a device is good for at the moment.</summary>
internal enum DeviceHealth
{
    Working,

    /// <summary>The last write failed; the next batch tries again. Requests wait for it only when no other device works.</summary>
    Failed,

    /// <summary>A write is under way beyond the deadline: entries are turned away until it returns.</summary>
    Blocked,
}

/// <summary>
/// The one writer of one device: collects entries, ties them to the chain and hands many to the device in one write.
/// Requests wait for the write of their batch, no longer than the deadline.
/// </summary>
/// <remarks>
/// <see cref="Submit"/>, <see cref="Tick"/> and the Ask methods may be called from any thread; draining runs on one thread
/// pool thread at a time, so that entries that come while a write is under way share the next one.
/// </remarks>
internal sealed class DeviceWriter(DeviceTrail trail, TimeProvider time, IVaultLog log) : IThreadPoolWorkItem, IAsyncDisposable
{
    /// <summary>Longest time that a write may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(5);

    /// <summary>How long a device must work again before requests wait for it again: one that blocks now and then must not slow every request.</summary>
    private static readonly TimeSpan Probation = TimeSpan.FromSeconds(60);

    /// <summary>Waiting entries beyond this are turned away.</summary>
    private const int MaxWaitingBytes = 64 << 20;

    private static readonly Task<bool> NotTaken = Task.FromResult(false);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AuditBatch _filling = new();
    private AuditBatch? _spare;
    private AuditBatch? _inFlight;
    private long _startedAt;
    private long _lastWriteAt = time.GetTimestamp();
    private long _lost;
    private long _recoveredAt;
    private bool _isScheduled;
    private bool _isStopping;
    private bool _wantsReopen;
    private string? _wantsCheckpoint;
    private CancellationTokenSource _abort = new();
    private volatile DeviceHealth _health;

    public DeviceHealth Health => _health;

    /// <summary>Requests wait for this device even when another has taken the entry.</summary>
    public bool IsAwaited => _health == DeviceHealth.Working &&
        (Interlocked.Read(ref _recoveredAt) is var at && (at == 0 || time.GetElapsedTime(at) >= Probation));

    public int MaxLineBytes => trail.MaxLineBytes;

    /// <summary>Why the last write failed, for people; empty when it did not.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>The last line that the device is known to have.</summary>
    public StoredHead? Head => trail.Confirmed;

    /// <summary>Takes an open entry; the task tells whether the device took it. Never fails, ends at the deadline.</summary>
    public Task<bool> Submit(ReadOnlySpan<byte> entry)
    {
        Task<bool> written;
        lock (_gate)
        {
            if (_isStopping || _health == DeviceHealth.Blocked || _filling.Bytes > MaxWaitingBytes)
            {
                _lost++;
                return NotTaken;
            }
            _filling.Add(entry);
            written = _filling.Written;
            if (_isScheduled)
                return written;
            _isScheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return written;
    }

    /// <summary>Asks for a signed line.</summary>
    public void AskCheckpoint(string reason) => Ask(() => _wantsCheckpoint ??= reason);

    /// <summary>Asks the device to close and open its target: the file was renamed.</summary>
    public void AskReopen() => Ask(() => _wantsReopen = true);

    /// <summary>Enforces the deadline and the times between checkpoints. Called a few times per second.</summary>
    public void Tick()
    {
        CancellationTokenSource? abort = null;
        string? checkpoint = null;
        lock (_gate)
        {
            if (_startedAt != 0)
            {
                if (_health != DeviceHealth.Blocked && time.GetElapsedTime(_startedAt) >= Deadline)
                {
                    Block();
                    abort = _abort;
                }
            }
            else
            {
                TimeSpan quiet = time.GetElapsedTime(_lastWriteAt);
                if (_health == DeviceHealth.Failed && quiet >= RetryEvery)
                    checkpoint = "retry";
                else if (quiet >= HeartbeatEvery)
                    checkpoint = "heartbeat";
            }
            if (checkpoint is null && trail.IsCheckpointDue(CheckpointEvery))
                checkpoint = "interval";
        }
        abort?.Cancel();
        if (checkpoint is not null)
            AskCheckpoint(checkpoint);
    }

    void IThreadPoolWorkItem.Execute() => _ = DrainAsync();

    /// <summary>Writes what waits and a last checkpoint, within the deadline; then closes the device.</summary>
    /// <returns>Whether the device took everything, so that <see cref="Head"/> is the end of its trail.</returns>
    public async ValueTask<bool> StopAsync()
    {
        lock (_gate)
        {
            _isStopping = true;
            _wantsCheckpoint = "close";
        }
        Ask(static () => { });
        // Real time: a clock that a test holds still must not hold a seal.
        Task ended = await Task.WhenAny(_stopped.Task, Task.Delay(Deadline, TimeProvider.System));
        if (ended == _stopped.Task)
        {
            await trail.DisposeAsync();
            _abort.Dispose();
            return _health == DeviceHealth.Working;
        }
            log.Write(VaultLogLevel.Error, $"audit device {trail.Path} did not take its last entries within {Deadline.TotalSeconds} s");
        return false;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Ask(Action note)
    {
        lock (_gate)
        {
            note();
            if (_isScheduled)
                return;
            _isScheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Owned by the chain of drains; ends when nothing waits. Never throws.</summary>
    private async Task DrainAsync()
    {
        while (true)
        {
            AuditBatch batch;
            TrailWork work;
            lock (_gate)
            {
                if (_filling.Count == 0 && _wantsCheckpoint is null && !_wantsReopen)
                {
                    _isScheduled = false;
                    if (_isStopping)
                        _stopped.TrySetResult();
                    return;
                }
                batch = _inFlight = _filling;
                _filling = _spare ?? new AuditBatch();
                _spare = null;
                work = new TrailWork(_wantsReopen, _wantsCheckpoint, _lost);
                (_wantsReopen, _wantsCheckpoint) = (false, null);
                _startedAt = Math.Max(time.GetTimestamp(), 1);
                if (_abort.IsCancellationRequested)
                    _abort = new CancellationTokenSource();
            }
            Exception? failure = await TryWriteAsync(batch, work);
            Settle(batch, work, failure);
        }
    }

    private async ValueTask<Exception?> TryWriteAsync(AuditBatch batch, TrailWork work)
    {
        try
        {
            await trail.WriteAsync(batch, work, _abort.Token);
            return null;
        }
        catch (Exception e)
        {
            // Whatever it is, the entries are not taken: the caller says so and logs it.
            return e;
        }
    }

    private void Settle(AuditBatch batch, in TrailWork work, Exception? failure)
    {
        DeviceHealth before;
        lock (_gate)
        {
            before = _health;
            _health = failure is null ? DeviceHealth.Working : DeviceHealth.Failed;
            _inFlight = null;
            _startedAt = 0;
            _lastWriteAt = time.GetTimestamp();
            LastFailure = failure;
            if (failure is null && before != DeviceHealth.Working)
                Interlocked.Exchange(ref _recoveredAt, Math.Max(time.GetTimestamp(), 1));
            if (failure is null)
                _lost -= work.Lost;
            else
                _lost += batch.Count;
            batch.Complete(failure is null);
            batch.Reset();
            _spare ??= batch;
        }
        if (failure is not null && before == DeviceHealth.Working)
            log.Write(VaultLogLevel.Error, $"audit device {trail.Path} does not take entries", failure);
        else if (failure is null && before != DeviceHealth.Working)
            log.Write(VaultLogLevel.Warning, $"audit device {trail.Path} takes entries again; it missed {work.Lost}");
    }

    // Under the gate.
    private void Block()
    {
        _health = DeviceHealth.Blocked;
        _inFlight?.Complete(false);
        _lost += _filling.Count;
        _filling.Complete(false);
        _filling.Reset();
        LastFailure = new TimeoutException($"the device did not take the entry within {Deadline.TotalSeconds} s");
        log.Write(VaultLogLevel.Error, $"audit device {trail.Path} blocks: a write has taken more than {Deadline.TotalSeconds} s");
    }
}

/// <summary>What a write has to do besides the entries.</summary>
/// <param name="Lost">Entries that the device did not get since it last worked.</param>
internal readonly record struct TrailWork(bool Reopens, string? Checkpoint, long Lost);
