using System.Collections.Concurrent;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// Undoes leased secrets through the engine that made them. A failure is tried again by the sweeper after 10 s, 20 s,
/// 40 s …; after <see cref="LeaseEntry.MaxAttempts"/> failures the lease is irrevocable and waits for an operator.
/// </summary>
/// <remarks>
/// The engine acts first and the record goes afterwards: a crash in between calls the engine again, which is why it must
/// be idempotent. One lease is revoked by one caller at a time; others wait for its result. Thread-safe.
/// </remarks>
internal sealed class LeaseRevoker(UnsealedVault vault)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<(string, string), Lazy<Task<string?>>> _running = new();

    /// <summary>Revokes a lease now. <see langword="null"/>: it is gone (or was); else why the engine could not.</summary>
    /// <param name="force">The record goes even if the engine fails: the secret may live on out there.</param>
    public async ValueTask<string?> RevokeAsync(Namespace ns, string leaseId, bool force, CancellationToken cancellation)
    {
        (string, string) key = (ns.Id, leaseId);
        var mine = new Lazy<Task<string?>>(() => AttemptAsync(ns, leaseId, force, cancellation));
        Lazy<Task<string?>> running = _running.GetOrAdd(key, mine);
        try
        {
            string? failure = await running.Value;
            if (failure is null || !force || ReferenceEquals(running, mine))
                return failure;
        }
        finally
        {
            _running.TryRemove(KeyValuePair.Create(key, running));
        }
        return await AttemptAsync(ns, leaseId, force, cancellation);
    }

    private async Task<string?> AttemptAsync(Namespace ns, string leaseId, bool force, CancellationToken cancellation)
    {
        while (true)
        {
            using StorageTransaction tx = vault.Barrier.Begin();
            if (await LeaseRecords.ReadAsync(tx, ns, leaseId, cancellation) is not { } lease)
                return null;
            string? failure = await UndoAsync(ns, lease, tx, cancellation);
            if (failure is not null && !force)
            {
                await RecordFailureAsync(ns, leaseId, failure, cancellation);
                return failure;
            }
            LeaseRecords.Remove(tx, ns, lease);
            if (await tx.CommitAsync(CancellationToken.None))
                return null;
        }
    }

    private async ValueTask<string?> UndoAsync(Namespace ns, LeaseEntry lease, StorageTransaction tx, CancellationToken cancellation)
    {
        if (vault.Mounts(ns).ByAccessor(lease.MountAccessor) is not { } mount)
            return "the mount that issued it is gone";
        if (mount.Backend is not IRevokesLeases engine)
            return null;
        using var timeout = new CancellationTokenSource(AttemptTimeout, vault.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await engine.RevokeAsync(lease, new BarrierView(tx, mount.StoragePrefix), either.Token);
            return null;
        }
        catch (RequestRefused refused)
        {
            return refused.Message;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            vault.Log.Write(VaultLogLevel.Warning, $"lease {lease.Id} could not be revoked", e);
            return $"the engine failed ({e.GetType().Name}): see the server log";
        }
    }

    // A transaction of its own: what the engine wrote before it failed must not be stored.
    private async ValueTask RecordFailureAsync(Namespace ns, string leaseId, string failure, CancellationToken cancellation)
    {
        while (true)
        {
            using StorageTransaction tx = vault.Barrier.Begin();
            if (await LeaseRecords.ReadAsync(tx, ns, leaseId, cancellation) is not { IsIrrevocable: false } lease)
                return;
            DateTimeOffset now = vault.Clock.Now;
            LeaseEntry failed = lease with
            {
                ExpireTime = lease.ExpireTime < now ? lease.ExpireTime : now,
                FailedAttempts = lease.FailedAttempts + 1,
                NextAttempt = now + FirstBackoff * (1 << lease.FailedAttempts),
                LastError = failure,
            };
            LeaseRecords.Replace(tx, ns, lease, failed);
            if (!await tx.CommitAsync(cancellation))
                continue;
            if (failed.IsIrrevocable)
                vault.Log.Write(VaultLogLevel.Error, $"lease {leaseId} is irrevocable after {LeaseEntry.MaxAttempts} attempts: {failure}");
            return;
        }
    }
}
