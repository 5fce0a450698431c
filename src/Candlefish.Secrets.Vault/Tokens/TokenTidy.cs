using System.Globalization;
using System.Text;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Namespaces;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// Walks over all tokens: lists them, and repairs what should not be (a token without its index entries, index entries
/// without their token, a child without parent). Reads one page at a time.
/// </summary>
internal static class TokenTidy
{
    private const int PageKeys = 500;

    /// <summary>Accessors of a namespace, sorted.</summary>
    public static async ValueTask<IReadOnlyList<string>> AccessorsAsync(UnsealedVault vault, Namespace ns, CancellationToken cancellation)
    {
        string suffix = ns.IsRoot ? "" : "." + ns.Id;
        var accessors = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (string key in KeysAsync(vault, TokenKeys.Accessors, cancellation))
        {
            if (await vault.Barrier.GetAsync(key, cancellation) is not { } stored)
                continue;
            string accessor = Encoding.UTF8.GetString(stored.Plaintext.AsSpan(TokenNames.Length + 1));
            int dot = accessor.IndexOf('.', StringComparison.Ordinal);
            if ((dot < 0 ? "" : accessor[dot..]) == suffix)
                accessors.Add(accessor);
        }
        return [.. accessors];
    }

    public static async Task RunAsync(UnsealedVault vault, CancellationToken stop)
    {
        int tokens = 0, revoked = 0, removed = 0;
        await foreach (string key in KeysAsync(vault, TokenKeys.Ids, stop))
        {
            tokens++;
            if (!await IsSoundAsync(vault, key[TokenKeys.Ids.Length..], stop))
            {
                await vault.Tokens.Revoker.RevokeAsync(key[TokenKeys.Ids.Length..], stop);
                revoked++;
            }
        }
        await foreach (string key in KeysAsync(vault, TokenKeys.Accessors, stop))
            removed += await RemoveStaleAsync(vault, key, stop);
        vault.Log.Write(VaultLogLevel.Info, string.Create(CultureInfo.InvariantCulture, $"tidy of tokens: {tokens} tokens looked at, {revoked} revoked (expired or without parent), {removed} accessors of no token removed"));
    }

    // Puts the entry in the index by time again, which costs nothing when it is there.
    private static async ValueTask<bool> IsSoundAsync(UnsealedVault vault, string hash, CancellationToken stop)
    {
        using StorageTransaction tx = vault.Barrier.Begin();
        if (await TokenStore.ReadAsync(tx, hash, stop) is not { } entry)
            return true;
        if (!vault.Tokens.IsAlive(entry) || await vault.Tokens.Revoker.HasDyingAncestorAsync(entry, stop))
            return false;
        if (entry.ExpireTime is { } end)
            ExpiryIndex.PutToken(tx, hash, end);
        await tx.CommitAsync(stop);
        return true;
    }

    private static async ValueTask<int> RemoveStaleAsync(UnsealedVault vault, string accessorKey, CancellationToken stop)
    {
        using StorageTransaction tx = vault.Barrier.Begin();
        if (await tx.GetAsync(accessorKey, stop) is not { } stored)
            return 0;
        if (await TokenStore.ReadAsync(tx, Encoding.ASCII.GetString(stored.AsSpan(0, TokenNames.Length)), stop) is not null)
            return 0;
        tx.Delete(accessorKey);
        return await tx.CommitAsync(stop) ? 1 : 0;
    }

    private static async IAsyncEnumerable<string> KeysAsync(UnsealedVault vault, string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        string after = "";
        while (await vault.Barrier.ListKeysAsync(prefix, after, PageKeys, stop) is { Count: > 0 } page)
        {
            foreach (string key in page)
                yield return key;
            after = page[^1];
        }
    }
}
