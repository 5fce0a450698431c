using System.Text;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>
/// Removals that may be too large for one transaction: the aliases of a disabled auth mount, the members of a deleted
/// group. An intent is written with the change, work goes on beside requests, and resumes after a restart.
/// </summary>
/// <remarks>
/// <c>removed-mount/ACCESSOR</c> holds 1 while aliases are left, then 0. It stays for ever: a login that was on its way when
/// the mount went reads it, and conflicts or is refused.
/// </remarks>
internal static class IdentityRemovals
{
    private const int AliasesPerTransaction = 200;

    public static async ValueTask RemoveMountAsync(UnsealedVault vault, IdentityStore store, Namespace ns, string accessor, StorageTransaction tx, CancellationToken cancellation)
    {
        if (!await RemoveSomeAliasesAsync(store.In(tx, ns, cancellation), accessor, cancellation))
            tx.AfterCommit(() => Start(vault, store, ns, accessor));
    }

    /// <summary>Removes all keys below a folder of identity when the transaction has committed.</summary>
    public static void Purge(UnsealedVault vault, IdentityRecords records, string folder)
    {
        string intent = records.View.Prefix + IdentityKeys.Purges + RandomText.Uuid();
        string prefix = records.View.Prefix + folder;
        records.Transaction.Put(intent, Encoding.UTF8.GetBytes(prefix));
        records.Transaction.AfterCommit(() => vault.Background.Start("removal of group members", stop => PurgeAsync(vault.Barrier, intent, prefix, stop)));
    }

    public static void Resume(UnsealedVault vault, IdentityStore store, Namespace ns) => vault.Background.Start("removals of identity", async stop =>
    {
        string root = ns.StoragePrefix + IdentityKeys.Root;
        using StorageTransaction tx = vault.Barrier.Begin();
        foreach (string key in await tx.ScanAsync(root + IdentityKeys.Purges, "", int.MaxValue, stop))
        {
            if (await tx.GetAsync(root + IdentityKeys.Purges + key, stop) is { } stored)
                await PurgeAsync(vault.Barrier, root + IdentityKeys.Purges + key, Encoding.UTF8.GetString(stored), stop);
        }
        foreach (string accessor in await tx.ListAsync(root + IdentityKeys.RemovedMounts, "", int.MaxValue, stop))
        {
            if (await tx.GetAsync(root + IdentityKeys.RemovedMount(accessor), stop) is [1])
                await RemoveAliasesAsync(vault, store, ns, accessor, stop);
        }
    });

    private static void Start(UnsealedVault vault, IdentityStore store, Namespace ns, string accessor) =>
        vault.Background.Start("removal of the aliases of a disabled mount", stop => RemoveAliasesAsync(vault, store, ns, accessor, stop));

    private static async Task RemoveAliasesAsync(UnsealedVault vault, IdentityStore store, Namespace ns, string accessor, CancellationToken stop)
    {
        bool isDone = false;
        while (!isDone)
        {
            stop.ThrowIfCancellationRequested();
            using StorageTransaction tx = vault.Barrier.Begin();
            bool isLast = await RemoveSomeAliasesAsync(store.In(tx, ns, stop), accessor, stop);
            isDone = await tx.CommitAsync(stop) && isLast;
        }
    }

    /// <summary>Removes up to a few hundred aliases and notes whether there are more; true when none is left.</summary>
    private static async ValueTask<bool> RemoveSomeAliasesAsync(IdentityRecords records, string accessor, CancellationToken cancellation)
    {
        string aliases = IdentityKeys.Aliases + accessor + "/";
        IReadOnlyList<string> names = await records.View.ListAsync(aliases, cancellation, limit: AliasesPerTransaction + 1);
        foreach (string name in names.Take(AliasesPerTransaction))
        {
            if (await records.View.GetAsync(aliases + name, cancellation) is { } stored
                && await records.EntityAsync(Encoding.UTF8.GetString(stored.AsSpan(0, 36))) is { } entity && entity.AliasOf(accessor) is { } alias)
                await EntityAliases.RemoveAsync(records, entity, alias);
            else
                records.View.Delete(aliases + name);
        }
        string groupAliases = IdentityKeys.GroupAliases + accessor + "/";
        IReadOnlyList<string> groups = await records.View.ListAsync(groupAliases, cancellation, limit: AliasesPerTransaction + 1);
        foreach (string name in groups.Take(AliasesPerTransaction))
        {
            if (await records.View.GetAsync(groupAliases + name, cancellation) is { } stored
                && await records.GroupAsync(Encoding.UTF8.GetString(stored)) is { } group)
                await records.PutAsync(group, group with { Alias = null });
        }
        bool isLast = names.Count <= AliasesPerTransaction && groups.Count <= AliasesPerTransaction;
        records.View.Put(IdentityKeys.RemovedMount(accessor), [isLast ? (byte)0 : (byte)1]);
        return isLast;
    }

    private static async Task PurgeAsync(SecurityBarrier barrier, string intent, string prefix, CancellationToken stop)
    {
        await barrier.DeletePrefixAsync(prefix, stop);
        await barrier.CommitAsync([KeyValuePair.Create(intent, (byte[]?)null)], [], stop);
    }
}
