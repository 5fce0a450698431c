using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// What work beside requests may touch: the slice of its own mount, in small transactions. Thread-safe.
/// </summary>
public sealed class MountWork
{
    private readonly SecurityBarrier _barrier;
    private readonly Mount _mount;

    internal MountWork(SecurityBarrier barrier, Mount mount)
    {
        _barrier = barrier;
        _mount = mount;
    }

    /// <summary>
    /// Runs one step in a transaction of its own and commits what it wrote. False: something it read has changed, nothing
    /// was written.
    /// </summary>
    public async ValueTask<bool> StepAsync(Func<BarrierView, ValueTask> step, CancellationToken cancellation)
    {
        using StorageTransaction tx = _barrier.Begin();
        await step(new BarrierView(tx, _mount.StoragePrefix));
        return await tx.CommitAsync(cancellation);
    }
}
