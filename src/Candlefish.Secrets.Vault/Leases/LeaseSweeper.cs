using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// Ends what is due: expired tokens with all that hangs on them, expired leases, failed revocations whose time has come.
/// Reads only what is due, one page at a time.
/// </summary>
internal sealed class LeaseSweeper(UnsealedVault vault, LeaseRevoker revoker) : IDisposable
{
    /// <summary>Revocations at the same time.</summary>
    private const int Workers = 200;

    private const int PageEntries = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _oneSweep = new(1, 1);

    /// <summary>Sweeps a second after the last sweep, and when woken, until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await using ITimer timer = vault.Time.CreateTimer(static s => ((LeaseSweeper)s!).Wake(), this, Interval, Timeout.InfiniteTimeSpan); // the state is this
        while (true)
        {
            await _wake.WaitAsync(stop);
            try
            {
                await SweepAsync(stop);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                vault.Log.Write(VaultLogLevel.Error, "the sweep of leases failed and is tried again", e);
            }
            timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Asks for a sweep soon: something was made due.</summary>
    public void Wake()
    {
        lock (_wake)
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
    }

    /// <summary>Ends everything that is due now; returns how many entries that were.</summary>
    public async ValueTask<int> SweepAsync(CancellationToken cancellation)
    {
        await _oneSweep.WaitAsync(cancellation);
        try
        {
            int count = 0;
            string after = "";
            var options = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellation };
            while (true)
            {
                IReadOnlyList<ExpiryIndex.DueEntry> page = await ExpiryIndex.DueAsync(vault.Barrier, vault.Clock.Now, after, PageEntries, cancellation);
                await Parallel.ForEachAsync(page, options, EndAsync);
                count += page.Count;
                if (page.Count < PageEntries)
                    return count;
                after = page[^1].Key;
            }
        }
        finally
        {
            _oneSweep.Release();
        }
    }

    public void Dispose()
    {
        _wake.Dispose();
        _oneSweep.Dispose();
    }

    private async ValueTask EndAsync(ExpiryIndex.DueEntry due, CancellationToken cancellation)
    {
        try
        {
            bool isCurrent = due.IsToken ? await IsTokenDueAsync(due, cancellation) : await IsLeaseDueAsync(due, cancellation);
            if (!isCurrent)
                await vault.Barrier.CommitAsync([KeyValuePair.Create(due.Key, (byte[]?)null)], [], cancellation);
            else if (due.IsToken)
                await vault.Tokens.Revoker.RevokeAsync(due.Name, cancellation);
            else if (vault.NamespaceOf(due.NamespaceId) is { } ns)
                await revoker.RevokeAsync(ns, due.Name, force: false, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            vault.Log.Write(VaultLogLevel.Error, $"an expired {(due.IsToken ? "token" : "lease")} could not be ended and is tried again", e);
        }
    }

    private async ValueTask<bool> IsTokenDueAsync(ExpiryIndex.DueEntry due, CancellationToken cancellation)
    {
        using StorageTransaction tx = vault.Barrier.Begin();
        return await TokenStore.ReadAsync(tx, due.Name, cancellation) is { } token && !vault.Tokens.IsAlive(token);
    }

    private async ValueTask<bool> IsLeaseDueAsync(ExpiryIndex.DueEntry due, CancellationToken cancellation)
    {
        if (vault.NamespaceOf(due.NamespaceId) is not { } ns)
            return false;
        using StorageTransaction tx = vault.Barrier.Begin();
        return await LeaseRecords.ReadAsync(tx, ns, due.Name, cancellation) is { IsIrrevocable: false } lease && lease.DueTime <= vault.Clock.Now;
    }
}
