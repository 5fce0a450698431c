using System.Text;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Mounts;

/// <summary>
/// Removes what a disabled mount stored. The intent (<c>core/deleted-mounts/UUID</c> → prefix) is written in the
/// transaction that removes the mount, and the deletion resumes after a crash.
/// </summary>
internal static class DeletedMounts
{
    private const string Intents = "core/deleted-mounts/";

    public static void Schedule(StorageTransaction tx, UnsealedVault vault, Mount mount)
    {
        string intent = Intents + mount.Entry.Uuid;
        tx.Put(intent, Encoding.UTF8.GetBytes(mount.StoragePrefix));
        tx.AfterCommit(() => vault.Background.Start("removal of a disabled mount", stop => RemoveAsync(vault.Barrier, intent, mount.StoragePrefix, stop)));
    }

    /// <summary>Goes on with what an earlier run could not end.</summary>
    public static void Resume(UnsealedVault vault) => vault.Background.Start("removal of disabled mounts", async stop =>
    {
        foreach (string intent in await vault.Barrier.ListKeysAsync(Intents, "", 10_000, stop))
        {
            if (await vault.Barrier.GetAsync(intent, stop) is { } stored)
                await RemoveAsync(vault.Barrier, intent, Encoding.UTF8.GetString(stored.Plaintext), stop);
        }
    });

    private static async Task RemoveAsync(SecurityBarrier barrier, string intent, string prefix, CancellationToken stop)
    {
        await barrier.DeletePrefixAsync(prefix, stop);
        await barrier.CommitAsync([KeyValuePair.Create(intent, (byte[]?)null)], [], stop);
    }
}
