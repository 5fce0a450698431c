using System.Globalization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Namespaces;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// Walks over the leases of the root namespace and repairs what should not be: a lease whose token is gone is ended, one
/// that is missing in an index is put there again. Reads one page at a time.
/// </summary>
internal static class LeaseTidy
{
    private const int PageKeys = 500;

    public static async Task RunAsync(UnsealedVault vault, CancellationToken stop)
    {
        Namespace ns = Namespace.Root;
        string folder = LeaseRecords.Ids(ns);
        string after = "";
        int seen = 0, ended = 0;
        while (await vault.Barrier.ListKeysAsync(folder, after, PageKeys, stop) is { Count: > 0 } page)
        {
            foreach (string key in page)
            {
                seen++;
                if (await HasOwnerAsync(vault, ns, key[folder.Length..], stop))
                    continue;
                await vault.Leases.EndLaterAsync(ns, key[folder.Length..], stop);
                ended++;
            }
            after = page[^1];
        }
        vault.Log.Write(VaultLogLevel.Info, string.Create(CultureInfo.InvariantCulture, $"tidy of leases: {seen} leases looked at, {ended} ended because their token is gone"));
    }

    private static async ValueTask<bool> HasOwnerAsync(UnsealedVault vault, Namespace ns, string id, CancellationToken stop)
    {
        using StorageTransaction tx = vault.Barrier.Begin();
        if (await LeaseRecords.ReadAsync(tx, ns, id, stop) is not { IsIrrevocable: false } lease)
            return true;
        LeaseRecords.Replace(tx, ns, lease, lease);
        await tx.CommitAsync(stop);
        // The lease of a batch token without parent has no stored owner: it ends by its own time.
        return lease.IsOwnerless || await vault.Tokens.RecordAsync(lease.TokenHash, stop) is not null;
    }
}
