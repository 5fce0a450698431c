using Candlefish.Secrets.Vault.Seals;

namespace Candlefish.Secrets.Vault;

/// <summary>Where a node stands. Keys exist only in <see cref="Unsealed"/>.</summary>
internal abstract record NodeState
{
    /// <summary>Nothing was ever stored.</summary>
    public sealed record Uninitialized : NodeState;

    /// <summary>Data is there, keys are not.</summary>
    public sealed record Sealed(SealRecord Record, ShareCollector Shares) : NodeState;

    /// <summary>Serving.</summary>
    public sealed record Unsealed(SealRecord Record, UnsealedVault Vault, RunningRequests Running, DateTimeOffset Since) : NodeState;
}

/// <summary>Counts running requests, so that sealing can wait for them before it zeroes the keys. Thread-safe.</summary>
internal sealed class RunningRequests
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _count = 1;

    /// <summary>False once draining has begun.</summary>
    public bool TryEnter()
    {
        while (true)
        {
            long count = Interlocked.Read(ref _count);
            if (count == 0)
                return false;
            if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
                return true;
        }
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _drained.TrySetResult();
    }

    /// <summary>Lets no one in and completes when the last one has left. Called once.</summary>
    public Task DrainAsync()
    {
        Exit();
        return _drained.Task;
    }
}
