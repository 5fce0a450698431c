using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Seals;
using Candlefish.Secrets.Vault.Storage;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault;

/// <summary>
/// Makes a new vault in an empty storage. The seal record is written last: a crash before it leaves an uninitialized
/// vault whose remains the next attempt removes.
/// </summary>
internal static class Initialization
{
    /// <summary>Marks that everything in the storage stems from an attempt that did not end.</summary>
    private const string UnfinishedKey = "core/init-unfinished";

    public static async ValueTask<(InitResult Result, SealRecord Record)> RunAsync(IStorage storage, VaultEnvironment environment, VaultNode node, int shares, int threshold, string? rootToken, CancellationToken cancellation)
    {
        await ClaimEmptyStorageAsync(storage, cancellation);
        using SecretBuffer rootKey = SecretBuffer.CreateRandom(TermKey.KeyBytes);
        await storage.CommitAsync(new StorageBatch().Put(SecurityBarrier.KeyRingKey, SecurityBarrier.CreateKeyRing(rootKey, environment.Time)), cancellation);
        using SecurityBarrier barrier = await SecurityBarrier.OpenAsync(storage, rootKey, environment.Time, cancellation);
        string token = await WriteContentAsync(environment, node, barrier, rootToken, cancellation);
        (byte[] sealedRootKey, byte[][] keyShares) = ShamirSeal.Protect(rootKey, shares, threshold);
        var record = new SealRecord
        {
            Type = ShamirSeal.Type,
            Shares = shares,
            Threshold = threshold,
            RootKey = sealedRootKey,
            ClusterId = RandomText.Uuid(),
        };
        StorageBatch last = new StorageBatch().Put(SealRecord.Key, record.Serialize()).Expect(SealRecord.Key, 0).Delete(UnfinishedKey);
        if (!(await storage.CommitAsync(last, cancellation)).IsCommitted)
            throw RequestRefused.BadRequest("Vault is already initialized");
        return (new InitResult(keyShares, token), record);
    }

    private static async ValueTask ClaimEmptyStorageAsync(IStorage storage, CancellationToken cancellation)
    {
        bool isUnfinished = await storage.GetAsync(UnfinishedKey, cancellation) is not null;
        IReadOnlyList<string> first = await storage.ListAsync("", "", 1, cancellation);
        if (first.Count > 0 && !isUnfinished)
            throw RequestRefused.BadRequest("the storage holds data but no seal record: restore it from a backup, or point the server at an empty storage");
        await storage.CommitAsync(new StorageBatch().Put(UnfinishedKey, [1]), cancellation);
        while (await storage.ListAsync("", "", 1_000, cancellation) is { Count: > 1 } remains)
        {
            var batch = new StorageBatch();
            foreach (string key in remains.Where(k => k != UnfinishedKey))
                batch.Delete(key);
            await storage.CommitAsync(batch, cancellation);
        }
    }

    private static async ValueTask<string> WriteContentAsync(VaultEnvironment environment, VaultNode node, SecurityBarrier barrier, string? rootToken, CancellationToken cancellation)
    {
        using (StorageTransaction tables = barrier.Begin())
        {
            MountTable.WriteInitial(tables, Namespace.Root, KernelBackends.InitialMounts());
            AuditBroker.WriteInitial(tables, environment.Options);
            await tables.CommitAsync(cancellation);
        }
        UnsealedVault vault = await UnsealedVault.OpenForInitializationAsync(environment, node, barrier, cancellation);
        using StorageTransaction tx = barrier.Begin();
        string token = vault.Tokens.Create(tx, TokenStore.RootTemplate(vault.Time.GetUtcNow(), "auth/token/root"), out _, rootToken);
        await tx.CommitAsync(cancellation);
        vault.Tokens.Dispose();
        return token;
    }
}
