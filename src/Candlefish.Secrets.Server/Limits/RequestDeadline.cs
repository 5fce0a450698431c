using System.Collections.Concurrent;

namespace Candlefish.Secrets.Server.Limits;

/// <summary>
/// Ends a request when its time is over or its client is gone. Token sources are reused, so a request costs a timer change
/// and no allocation. Measured by the system's clock: it bounds real work, whatever time the vault believes it is.
/// </summary>
internal sealed class RequestDeadline : IDisposable
{
    private const int MaxIdle = 1_024;

    private static readonly ConcurrentBag<RequestDeadline> Idle = [];

    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _clientGone;

    /// <summary>Cancelled at the deadline, or when the client disconnects.</summary>
    public CancellationToken Token => _source.Token;

    public static RequestDeadline Start(TimeSpan duration, CancellationToken clientGone)
    {
        if (!Idle.TryTake(out RequestDeadline? deadline))
            deadline = new RequestDeadline();
        deadline._source.CancelAfter(duration);
        deadline._clientGone = clientGone.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline._source);
        return deadline;
    }

    public void Dispose()
    {
        _clientGone.Dispose();
        if (Idle.Count < MaxIdle && _source.TryReset())
            Idle.Add(this);
        else
            _source.Dispose();
    }
}
