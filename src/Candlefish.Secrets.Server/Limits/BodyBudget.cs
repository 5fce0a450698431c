namespace Candlefish.Secrets.Server.Limits;

/// <summary>
/// Bounds the memory of all large request bodies together: whoever wants more waits in order until someone is done, and
/// the network buffers of the waiting clients fill meanwhile. Thread-safe.
/// </summary>
/// <param name="capacityBytes">At least the largest body that any listener accepts.</param>
internal sealed class BodyBudget(long capacityBytes)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = [];
    private long _lent;

    /// <summary>Bytes that are lent now.</summary>
    public long Lent
    {
        get
        {
            lock (_gate)
                return _lent;
        }
    }

    /// <summary>Waits for room; the caller gives it back with <see cref="Return"/>.</summary>
    public async ValueTask BorrowAsync(long bytes, CancellationToken cancellation)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Granted)> place;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _lent + bytes <= capacityBytes)
            {
                _lent += bytes;
                return;
            }
            place = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        try
        {
            await place.Value.Granted.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            GiveUp(place);
            throw;
        }
    }

    public void Return(long bytes)
    {
        lock (_gate)
        {
            _lent -= bytes;
            Grant();
        }
    }

    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> place)
    {
        lock (_gate)
        {
            if (place.List is null)
                _lent -= place.Value.Bytes;
            else
                _waiting.Remove(place);
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.First is { } first && _lent + first.Value.Bytes <= capacityBytes)
        {
            _lent += first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.Granted.TrySetResult();
        }
    }
}
