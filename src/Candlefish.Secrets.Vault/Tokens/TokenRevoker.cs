using System.Collections.Concurrent;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Namespaces;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>
/// Ends tokens with all that hangs on them: children (orphans stay), leases, cubbyhole.
/// </summary>
/// <remarks>
/// <para>A revocation begins with one commit that replaces the record by a tombstone: from then on the token answers no
/// more. Tombstones (<c>sys/token/revoking/ROOT/HASH</c>) are the work list, in storage and not in memory: each turns
/// its children into tombstones, page by page, then gives up its leases and its cubbyhole, then goes itself. A crash
/// leaves tombstones that the next unseal works off. A tree of any size costs the memory of one page.</para>
/// <para>While work is left, tokens with a parent are looked up with their ancestors, so that descendants are refused
/// from the first commit on, and not when their turn comes. Thread-safe.</para>
/// </remarks>
internal sealed class TokenRevoker(UnsealedVault vault, TokenStore tokens)
{
    private const int PageKeys = 200;

    /// <summary>Tombstones that a request works off itself; the rest of a larger tree is left to the background.</summary>
    private const int RequestBudget = 2_000;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Stands for all revocations that an earlier run left.</summary>
    private const string Leftover = "";

    private readonly ConcurrentDictionary<string, bool> _pending = new(StringComparer.Ordinal);
    private volatile int _pendingCount;

    /// <summary>Revocations are under way: tokens with a parent need <see cref="HasDyingAncestorAsync"/>.</summary>
    public bool IsActive => _pendingCount > 0;

    /// <summary>
    /// Revokes a token with everything that hangs on it. When it returns, neither the token nor a descendant answers any
    /// more. Nothing happens for an unknown hash. Once begun it is not cancelled.
    /// </summary>
    public ValueTask RevokeAsync(string hash, CancellationToken cancellation) => RevokeAsync(hash, Kind.Tree, cancellation);

    /// <summary>Revokes a token; its children live on as orphans.</summary>
    public ValueTask RevokeButChildrenAsync(string hash, CancellationToken cancellation) => RevokeAsync(hash, Kind.ChildrenLive, cancellation);

    /// <summary>
    /// Revokes a token that has no children in a transaction of the caller, who has read its record there: exactly one of
    /// several such transactions commits.
    /// </summary>
    public void RevokeInside(StorageTransaction tx, TokenEntry childless)
    {
        Bury(tx, childless, childless.IdHash, Kind.Tree);
        tx.AfterCommit(() => FinishLater(childless.IdHash));
    }

    /// <summary>
    /// Revokes every token that was made by a path below a prefix, for example by the logins of <c>auth/userpass/</c>. Reads
    /// all tokens: for rare, administrative use. Batch tokens are not stored and live until their time is up; tokens
    /// without end (root) have no lease, and stay.
    /// </summary>
    /// <param name="prefix">Ends in a slash; a path equal to it without the slash counts too.</param>
    /// <param name="only">Picks among them; <see langword="null"/> = all.</param>
    public async ValueTask RevokeByPathAsync(Namespace ns, string prefix, CancellationToken cancellation, Func<TokenEntry, bool>? only = null)
    {
        string after = "";
        while (await vault.Barrier.ListKeysAsync(TokenKeys.Ids, after, PageKeys, cancellation) is { Count: > 0 } page)
        {
            foreach (string key in page)
            {
                TokenEntry? entry;
                using (StorageTransaction tx = vault.Barrier.Begin())
                    entry = await TokenStore.ReadAsync(tx, key[TokenKeys.Ids.Length..], cancellation);
                if (entry is { ExpireTime: not null } && entry.NamespaceId == ns.Id
                    && string.Concat(entry.Path, "/").StartsWith(prefix, StringComparison.Ordinal) && only?.Invoke(entry) != false)
                    await RevokeAsync(entry.IdHash, Kind.Tree, cancellation);
            }
            after = page[^1];
        }
    }

    /// <summary>
    /// Begins to work off what an earlier run left. Called once, before the first request: from here on its descendants
    /// are refused.
    /// </summary>
    public async ValueTask ResumeAsync(CancellationToken cancellation)
    {
        if (await vault.Barrier.ListKeysAsync(TokenKeys.Revoking, "", 1, cancellation) is not { Count: > 0 })
            return;
        MarkPending(Leftover);
        vault.Background.Start("revocations that were interrupted", stop => PersistAsync(Leftover, DrainLeftoverAsync, stop));
    }

    /// <summary>Whether a token hangs on one that is being revoked, or has ended.</summary>
    public async ValueTask<bool> HasDyingAncestorAsync(TokenEntry entry, CancellationToken cancellation)
    {
        TokenEntry current = entry;
        while (!current.IsOrphan)
        {
            if (await tokens.RecordAsync(current.Parent, cancellation) is { } above)
            {
                if (!tokens.IsAlive(above))
                    return true;
                current = above;
                continue;
            }
            if (await vault.Barrier.GetAsync(TokenKeys.Tombstone(current.Parent, current.Parent), cancellation) is { } mark)
                return mark.Plaintext[0] != (byte)Kind.ChildrenLive;
            // No parent and no tombstone: the child became an orphan after it was read, or it is about to go.
            using StorageTransaction tx = vault.Barrier.Begin();
            if (await TokenStore.ReadAsync(tx, current.IdHash, cancellation) is not { } fresh || fresh.Parent == current.Parent)
                return true;
            current = fresh;
        }
        return false;
    }

    private async ValueTask RevokeAsync(string hash, Kind kind, CancellationToken cancellation)
    {
        MarkPending(hash);
        bool isDone = false;
        try
        {
            await BeginAsync(hash, kind, cancellation);
            // The token is dead for good: the rest is finished whatever becomes of the request.
            isDone = await DrainAsync(hash, RequestBudget, CancellationToken.None);
        }
        finally
        {
            if (isDone)
                MarkDone(hash);
            else
                FinishLater(hash);
        }
    }

    private async ValueTask BeginAsync(string hash, Kind kind, CancellationToken cancellation)
    {
        while (true)
        {
            using StorageTransaction tx = vault.Barrier.Begin();
            if (await TokenStore.ReadAsync(tx, hash, cancellation) is not { } entry)
                return;
            Bury(tx, entry, hash, kind);
            if (await tx.CommitAsync(cancellation))
                return;
        }
    }

    private void FinishLater(string root)
    {
        MarkPending(root);
        vault.Background.Start("revocation of a token", stop => PersistAsync(root, async s => await DrainAsync(root, int.MaxValue, s), stop));
    }

    /// <summary>Does work until it succeeds or the vault is sealed; what was not ended is found again at the next unseal.</summary>
    private async Task PersistAsync(string root, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await work(stop);
                MarkDone(root);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                vault.Log.Write(VaultLogLevel.Error, "a revocation could not be finished and is tried again", e);
            }
            await Task.Delay(RetryDelay, vault.Time, stop);
        }
    }

    private async Task DrainLeftoverAsync(CancellationToken stop)
    {
        while (await vault.Barrier.ListKeysAsync(TokenKeys.Revoking, "", 1, stop) is { Count: > 0 } first)
            await DrainAsync(first[0].AsSpan(TokenKeys.Revoking.Length, TokenNames.Length).ToString(), int.MaxValue, stop);
    }

    /// <summary>Works off tombstones of one revocation; false when <paramref name="budget"/> was used up before the end.</summary>
    private async ValueTask<bool> DrainAsync(string root, int budget, CancellationToken cancellation)
    {
        string folder = $"{TokenKeys.Revoking}{root}/";
        while (await vault.Barrier.ListKeysAsync(folder, "", PageKeys, cancellation) is { Count: > 0 } page)
        {
            foreach (string key in page)
            {
                if (budget-- <= 0)
                    return false;
                await DissolveAsync(root, key, cancellation);
            }
        }
        return true;
    }

    private async ValueTask DissolveAsync(string root, string tombstone, CancellationToken cancellation)
    {
        if (await vault.Barrier.GetAsync(tombstone, cancellation) is not { } stored)
            return;
        var kind = (Kind)stored.Plaintext[0];
        string hash = tombstone[^TokenNames.Length..];
        string children = TokenKeys.Children(hash);
        while (await vault.Barrier.ListKeysAsync(children, "", PageKeys, cancellation) is { Count: > 0 } page)
            await ReleaseAsync(root, kind, page, children.Length, cancellation);
        await vault.Leases.EndByTokenAsync(hash, cancellation);
        await vault.Barrier.DeletePrefixAsync(TokenKeys.Cubbyhole(hash), cancellation);
        await vault.Barrier.CommitAsync([KeyValuePair.Create(tombstone, (byte[]?)null)], [], cancellation);
    }

    /// <summary>One page of children: buried too, or made orphans. A conflict is met by the caller's next round.</summary>
    private async ValueTask ReleaseAsync(string root, Kind kind, IReadOnlyList<string> links, int prefixLength, CancellationToken cancellation)
    {
        using StorageTransaction tx = vault.Barrier.Begin();
        foreach (string link in links)
        {
            TokenEntry? child = await TokenStore.ReadAsync(tx, link[prefixLength..], cancellation);
            tx.Delete(link);
            if (child is null)
                continue;
            if (kind == Kind.Tree)
                Bury(tx, child, root, Kind.Tree);
            else
                tokens.Replace(tx, child, child with { Parent = "" });
        }
        await tx.CommitAsync(cancellation);
    }

    private void Bury(StorageTransaction tx, TokenEntry entry, string root, Kind kind)
    {
        tokens.Remove(tx, entry);
        tx.Put(TokenKeys.Tombstone(root, entry.IdHash), [(byte)kind]);
    }

    private void MarkPending(string root)
    {
        if (_pending.TryAdd(root, true))
            Interlocked.Increment(ref _pendingCount);
    }

    private void MarkDone(string root)
    {
        if (_pending.TryRemove(root, out _))
            Interlocked.Decrement(ref _pendingCount);
    }

    private enum Kind : byte
    {
        Tree = 1,
        ChildrenLive = 2,
    }
}
