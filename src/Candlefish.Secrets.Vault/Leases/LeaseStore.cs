using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// Leases of secrets: registered in the transaction that issues them, found by time, revoked when due.
/// </summary>
/// <remarks>A lease belongs to a token and dies with it. Records and indexes: <see cref="LeaseRecords"/>. Thread-safe.</remarks>
internal sealed class LeaseStore : IAsyncDisposable
{
    private const int PageKeys = 500;

    /// <summary>An engine that announced a secret has this long to answer; then the secret is undone.</summary>
    private static readonly TimeSpan IntentLife = TimeSpan.FromMinutes(5);

    private readonly UnsealedVault _vault;
    private readonly LeaseRevoker _revoker;

    private LeaseStore(UnsealedVault vault)
    {
        _vault = vault;
        _revoker = new LeaseRevoker(vault);
        Sweeper = new LeaseSweeper(vault, _revoker);
    }

    public LeaseSweeper Sweeper { get; }

    public static ValueTask<LeaseStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation) => ValueTask.FromResult(new LeaseStore(vault));

    /// <summary>Begins to sweep. Called once, when everything else is open.</summary>
    public void Start() => _vault.Background.Start("sweep of leases", Sweeper.RunAsync);

    /// <summary>
    /// Announces a secret before the engine makes it in the outside world, in a commit of its own: a crash, an error or a
    /// conflict then leaves a lease that is undone soon, never an unknown secret.
    /// </summary>
    public async ValueTask IntendAsync(RequestContext context, JsonData internalData)
    {
        await AbandonAsync(context);
        DateTimeOffset now = _vault.Clock.Now;
        LeaseEntry intent = NewLease(context, internalData) with
        {
            IssueTime = now,
            ExpireTime = now + IntentLife,
            MaxExpireTime = now + IntentLife,
            IsIntent = true,
        };
        using StorageTransaction tx = _vault.Barrier.Begin();
        LeaseRecords.Add(tx, context.Namespace, intent);
        await tx.CommitAsync(context.Cancellation);
        context.IntendedLease = intent;
    }

    /// <summary>The request did not hand out what it announced: the engine is to undo it now.</summary>
    public async ValueTask AbandonAsync(RequestContext context)
    {
        if (context.IntendedLease is not { } intent)
            return;
        context.IntendedLease = null;
        await EndLaterAsync(context.Namespace, intent.Id, CancellationToken.None);
    }

    /// <summary>Registers the lease of a secret and fills the lease members of the response.</summary>
    /// <exception cref="RequestRefused">403: the token was revoked while the request ran; the secret is undone.</exception>
    public async ValueTask RegisterAsync(RequestContext context, VaultResponse response, LeasedSecret secret)
    {
        TokenEntry token = context.Token ?? throw new InvalidOperationException($"'{context.Path}' answers a leased secret without asking for a token");
        SystemLimits system = _vault.Options.Limits;
        DateTimeOffset now = _vault.Clock.Now;
        TimeSpan max = Shorter(secret.MaxTtl, context.Mount.MaxTtl(system));
        var limits = new LifeLimits(now, context.Mount.DefaultTtl(system), max, TimeSpan.Zero, TimeSpan.Zero);
        DateTimeOffset hardEnd = Earlier(limits.HardEnd, await HardEndOfAsync(token, context.Cancellation));
        DateTimeOffset end = Earlier(limits.Grant(now, secret.Ttl) ?? now, hardEnd);
        LeaseEntry announced = context.IntendedLease ?? NewLease(context, secret.InternalData);
        LeaseEntry lease = announced with
        {
            IssueTime = now,
            ExpireTime = end,
            MaxExpireTime = hardEnd,
            Ttl = end - now,
            Renewable = secret.Renewable,
            InternalData = ElementOf(secret.InternalData),
            IsIntent = false,
        };
        if (end <= now || !await _vault.Tokens.HoldsAsync(context.Transaction, token, context.Cancellation))
            await RefuseAsync(context, lease);
        if (context.IntendedLease is { } intent)
        {
            // Read, so that the commit fails when the sweeper took the intent away.
            if (await LeaseRecords.ReadAsync(context.Transaction, context.Namespace, intent.Id, context.Cancellation) is null)
                throw new RequestRefused(503, "the secret took too long to make and was undone: try again");
            LeaseRecords.Replace(context.Transaction, context.Namespace, intent, lease);
            context.Transaction.AfterCommit(() => context.IntendedLease = null);
        }
        else
        {
            LeaseRecords.Add(context.Transaction, context.Namespace, lease);
        }
        response.LeaseId = lease.Id;
        response.Renewable = lease.Renewable;
        response.LeaseDuration = end - now;
    }

    /// <summary>Gives a lease more time. Answers the envelope with the new life.</summary>
    public async ValueTask<VaultResponse> RenewAsync(RequestContext context, string leaseId, TimeSpan increment)
    {
        LeaseAccess.Require(context, leaseId);
        if (await LeaseRecords.ReadAsync(context.Transaction, context.Namespace, leaseId, context.Cancellation) is not { IsIntent: false } lease)
            return VaultResponse.BadRequest("lease not found");
        LeaseAccess.Require(context, lease);
        DateTimeOffset now = _vault.Clock.Now;
        if (now >= lease.ExpireTime)
            return VaultResponse.BadRequest("lease expired");
        if (!lease.Renewable)
            return VaultResponse.BadRequest("lease is not renewable");
        if (_vault.Mounts(context.Namespace).ByAccessor(lease.MountAccessor) is not { } mount)
            return VaultResponse.BadRequest("the mount that issued the lease is gone: it cannot be renewed");
        DateTimeOffset hardEnd = Earlier(lease.MaxExpireTime, lease.IssueTime + mount.MaxTtl(_vault.Options.Limits));
        var limits = new LifeLimits(lease.IssueTime, lease.Ttl, hardEnd - lease.IssueTime, TimeSpan.Zero, TimeSpan.Zero);
        if (limits.Renew(now, lease.ExpireTime, increment) is not { } end)
            return VaultResponse.BadRequest("past the max TTL, cannot renew");
        if (mount.Backend is IRevokesLeases engine)
            await engine.RenewAsync(lease, end - now, new BarrierView(context.Transaction, mount.StoragePrefix), context.Cancellation);
        LeaseRecords.Replace(context.Transaction, context.Namespace, lease, lease with { ExpireTime = end, LastRenewal = now });
        var response = new VaultResponse { LeaseId = lease.Id, Renewable = true, LeaseDuration = end - now };
        return limits.CapWarning(now, increment, end) is { } warning ? response.Warn(warning) : response;
    }

    /// <summary>Revokes one lease now. <see langword="null"/>: it is gone; else why not.</summary>
    public ValueTask<string?> RevokeAsync(Namespace ns, string leaseId, CancellationToken cancellation) =>
        _revoker.RevokeAsync(ns, leaseId, force: false, cancellation);

    /// <summary>Makes one lease due: the sweeper revokes it at once.</summary>
    public async ValueTask EndLaterAsync(Namespace ns, string leaseId, CancellationToken cancellation)
    {
        while (true)
        {
            using StorageTransaction tx = _vault.Barrier.Begin();
            if (await LeaseRecords.ReadAsync(tx, ns, leaseId, cancellation) is not { } lease)
                return;
            End(tx, ns, lease);
            if (await tx.CommitAsync(cancellation))
                break;
        }
        Sweeper.Wake();
    }

    /// <summary>Revokes the leases below a path, side by side. Returns how many could not be revoked.</summary>
    /// <param name="prefix">Ends in a slash.</param>
    public async ValueTask<int> RevokeByPrefixAsync(Namespace ns, string prefix, bool force, CancellationToken cancellation)
    {
        int failures = 0;
        string folder = LeaseRecords.Ids(ns) + prefix;
        var options = new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellation };
        string after = "";
        while (true)
        {
            IReadOnlyList<string> page = await _vault.Barrier.ListKeysAsync(folder, after, PageKeys, cancellation);
            await Parallel.ForEachAsync(page, options, async (key, stop) =>
            {
                if (await _revoker.RevokeAsync(ns, key[LeaseRecords.Ids(ns).Length..], force, stop) is not null)
                    Interlocked.Increment(ref failures);
            });
            if (page.Count < PageKeys)
                return failures;
            after = page[^1];
        }
    }

    /// <summary>Makes the leases below a path due, for the sweeper.</summary>
    public async ValueTask EndByPrefixAsync(Namespace ns, string prefix, CancellationToken cancellation)
    {
        string ids = LeaseRecords.Ids(ns);
        string after = "";
        while (await _vault.Barrier.ListKeysAsync(ids + prefix, after, PageKeys, cancellation) is { Count: > 0 } page)
        {
            foreach (string key in page)
                await EndLaterAsync(ns, key[ids.Length..], cancellation);
            after = page[^1];
        }
    }

    /// <summary>Makes all leases of a token due. Called when the token is dead: none is added meanwhile.</summary>
    public async ValueTask EndByTokenAsync(string tokenHash, CancellationToken cancellation)
    {
        string folder = LeaseRecords.OfToken(tokenHash);
        bool any = false;
        while (await _vault.Barrier.ListKeysAsync(folder, "", PageKeys, cancellation) is { Count: > 0 } page)
        {
            any = true;
            using StorageTransaction tx = _vault.Barrier.Begin();
            foreach (string key in page)
            {
                int slash = key.IndexOf('/', folder.Length);
                tx.Delete(key);
                if (_vault.NamespaceOf(key[folder.Length..slash]) is { } ns && await LeaseRecords.ReadAsync(tx, ns, key[(slash + 1)..], cancellation) is { } lease)
                    End(tx, ns, lease);
            }
            await tx.CommitAsync(cancellation);
        }
        if (any)
            Sweeper.Wake();
    }

    /// <summary>Revokes what a mount handed out (leases, tokens of logins) when it is disabled or moved.</summary>
    /// <exception cref="RequestRefused">400: some secrets could not be undone; the mount must stay to try again.</exception>
    public async ValueTask RevokeByMountAsync(RequestContext context, Mount mount)
    {
        if (mount.Entry.Class == MountClass.Auth)
            await _vault.Tokens.Revoker.RevokeByPathAsync(context.Namespace, mount.RoutePrefix, context.Cancellation);
        int failures = await RevokeByPrefixAsync(context.Namespace, mount.RoutePrefix, force: false, context.Cancellation);
        if (failures > 0)
            throw RequestRefused.BadRequest($"{failures} leases of {mount.RoutePrefix} could not be revoked: repair the target and try again, or give them up with sys/leases/revoke-force/{mount.RoutePrefix.TrimEnd('/')}");
    }

    /// <summary>The sweep itself is background work of the vault, which has awaited it.</summary>
    public ValueTask DisposeAsync()
    {
        Sweeper.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The token that a lease hangs on: a batch token cannot be revoked, its parent can.</summary>
    public static string OwnerOf(TokenEntry token) => token.Type == TokenType.Batch && !token.IsOrphan ? token.Parent : token.IdHash;

    private void End(StorageTransaction tx, Namespace ns, LeaseEntry lease)
    {
        DateTimeOffset now = _vault.Clock.Now;
        if (!lease.IsIrrevocable)
            LeaseRecords.Replace(tx, ns, lease, lease with { ExpireTime = Earlier(lease.ExpireTime, now), NextAttempt = null });
    }

    // The engine has made the secret already: it is left as a lease that is due.
    private async ValueTask RefuseAsync(RequestContext context, LeaseEntry lease)
    {
        if (context.IntendedLease is null)
        {
            using StorageTransaction tx = _vault.Barrier.Begin();
            LeaseRecords.Add(tx, context.Namespace, lease with { ExpireTime = lease.IssueTime, IsIntent = true });
            await tx.CommitAsync(CancellationToken.None);
            Sweeper.Wake();
        }
        throw new RequestRefused(403, ErrorText.Many("permission denied", "invalid token"));
    }

    private static LeaseEntry NewLease(RequestContext context, JsonData internalData)
    {
        TokenEntry token = context.Token ?? throw new InvalidOperationException($"'{context.Path}' leases a secret without asking for a token");
        string suffix = context.Namespace.IsRoot ? "" : "." + context.Namespace.Id;
        return new LeaseEntry
        {
            Id = $"{context.Path}/{RandomText.Base62(24)}{suffix}",
            Path = context.Path,
            NamespaceId = context.Namespace.Id,
            MountAccessor = context.Mount.Entry.Accessor,
            TokenHash = OwnerOf(token),
            IsOwnerless = token.Type == TokenType.Batch && token.IsOrphan,
            IssueTime = default,
            ExpireTime = default,
            MaxExpireTime = default,
            InternalData = ElementOf(internalData),
        };
    }

    private static JsonElement ElementOf(JsonData data)
    {
        if (data.IsNone)
            return default;
        using JsonDocument document = data.Parse();
        return document.RootElement.Clone();
    }

    /// <summary>The moment that the token, as it is now, cannot outlive.</summary>
    private async ValueTask<DateTimeOffset> HardEndOfAsync(TokenEntry token, CancellationToken cancellation)
    {
        DateTimeOffset end = DateTimeOffset.MaxValue;
        if (!token.Renewable && token.ExpireTime is { } expiry)
            end = expiry;
        else if (token.ExplicitMaxTtl > TimeSpan.Zero)
            end = token.CreationTime + token.ExplicitMaxTtl;
        if (token.Type == TokenType.Batch && !token.IsOrphan && await _vault.Tokens.RecordAsync(token.Parent, cancellation) is { } parent)
            end = Earlier(end, await HardEndOfAsync(parent, cancellation));
        return end;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static TimeSpan Shorter(TimeSpan asked, TimeSpan limit) => asked > TimeSpan.Zero && asked < limit ? asked : limit;
}
