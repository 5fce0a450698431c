using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/leases</c>: shows, renews and revokes leases. The old spellings (<c>sys/renew</c> …) arrive here too.</summary>
internal sealed class LeaseRoutes(UnsealedVault vault)
{
    private static readonly Field LeaseId = Field.Text("lease_id", "Id of the lease.");
    private static readonly Field UrlLeaseId = Field.Text("url_lease_id", "Id of the lease, in the path.");
    private static readonly Field Increment = Field.Duration("increment", "Life asked for, counted from now. 0 = the lease's own.", "0");
    private static readonly Field Sync = Field.Flag("sync", "Wait until the secrets are revoked.", "true");
    private static readonly Field Prefix = Field.Text("prefix", "Path that the leases lie below.");

    public IEnumerable<Route> Routes() =>
    [
        .. new IrrevocableLeases(vault).Routes(),
        Route.At("leases/lookup", "Shows a lease.").Takes(LeaseId).Writes(LookupAsync).Lists(ListAsync).Sudo(Operation.List),
        Route.At("leases/lookup/{prefix*}", "Lists lease ids.").Takes(Prefix).Lists(ListAsync).Sudo(),
        Route.At("leases/renew", "Gives a lease more time.").Takes(LeaseId, Increment).Writes(RenewAsync),
        Route.At("leases/renew/{url_lease_id*}", "Gives a lease more time.").Takes(UrlLeaseId, LeaseId, Increment).Writes(RenewAsync),
        Route.At("leases/revoke", "Revokes a lease.").Takes(LeaseId, Sync).Writes(RevokeAsync),
        Route.At("leases/revoke/{url_lease_id*}", "Revokes a lease.").Takes(UrlLeaseId, LeaseId, Sync).Writes(RevokeAsync),
        Route.At("leases/revoke-prefix/{prefix*}", "Revokes all leases (and tokens) below a path.").Takes(Prefix, Sync).Writes(RevokePrefixAsync).Sudo(),
        Route.At("leases/revoke-force/{prefix*}", "Forgets all leases below a path, even if their secrets cannot be undone.").Takes(Prefix).Writes(RevokeForceAsync).Sudo(),
        Route.At("leases/tidy", "Repairs what crashes may have left.").Writes(TidyAsync),
    ];

    private static async ValueTask<VaultResponse> LookupAsync(RequestContext context)
    {
        string id = IdOf(context);
        LeaseAccess.Require(context, id);
        if (await LeaseRecords.ReadAsync(context.Transaction, context.Namespace, id, context.Cancellation) is not { IsIntent: false } lease)
            return VaultResponse.BadRequest("invalid lease");
        LeaseAccess.Require(context, lease);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteTime("expire_time", lease.ExpireTime);
            w.WriteString("id", lease.Id);
            w.WriteTime("issue_time", lease.IssueTime);
            if (lease.LastRenewal is { } renewed)
                w.WriteTime("last_renewal", renewed);
            else
                w.WriteNull("last_renewal");
            w.WriteBoolean("renewable", lease.Renewable);
            TimeSpan left = lease.ExpireTime - context.Vault.Clock.Now;
            w.WriteSeconds("ttl", left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }));
    }

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        string prefix = context.Match.Capture("prefix") is { Length: > 0 } given ? given.TrimEnd('/') + "/" : "";
        (string after, int limit) = context.Page();
        var view = new BarrierView(context.Transaction, LeaseRecords.Ids(context.Namespace));
        return VaultResponse.List(await view.ListAsync(prefix, context.Cancellation, after, limit));
    }

    private ValueTask<VaultResponse> RenewAsync(RequestContext context) =>
        vault.Leases.RenewAsync(context, IdOf(context), context.Fields.Ttl("increment") ?? TimeSpan.Zero);

    private async ValueTask<VaultResponse> RevokeAsync(RequestContext context)
    {
        string id = IdOf(context);
        LeaseAccess.Require(context, id);
        if (await LeaseRecords.ReadAsync(context.Transaction, context.Namespace, id, context.Cancellation) is not { } lease)
            return VaultResponse.NoContent();
        LeaseAccess.Require(context, lease);
        if (context.Fields.Flag("sync") == false)
        {
            await vault.Leases.EndLaterAsync(context.Namespace, id, context.Cancellation);
            return new VaultResponse { Status = 202 };
        }
        // Once the engine has begun to undo the secret, a client that hangs up must not stop it.
        return await vault.Leases.RevokeAsync(context.Namespace, id, CancellationToken.None) is { } failure
            ? VaultResponse.BadRequest($"failed to revoke lease: {failure}; it is tried again in the background")
            : VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> RevokePrefixAsync(RequestContext context)
    {
        string prefix = PrefixOf(context);
        bool isSync = context.Fields.Flag("sync") ?? true;
        if (prefix.StartsWith("auth/", StringComparison.Ordinal))
            await vault.Tokens.Revoker.RevokeByPathAsync(context.Namespace, prefix, CancellationToken.None);
        if (!isSync)
        {
            await vault.Leases.EndLaterAsync(context.Namespace, prefix.TrimEnd('/'), CancellationToken.None);
            await vault.Leases.EndByPrefixAsync(context.Namespace, prefix, CancellationToken.None);
            return new VaultResponse { Status = 202 };
        }
        int failures = await vault.Leases.RevokeAsync(context.Namespace, prefix.TrimEnd('/'), CancellationToken.None) is null ? 0 : 1;
        failures += await vault.Leases.RevokeByPrefixAsync(context.Namespace, prefix, force: false, CancellationToken.None);
        return failures == 0
            ? VaultResponse.NoContent()
            : VaultResponse.BadRequest($"failed to revoke {failures} leases: they are tried again in the background; see sys/leases?type=irrevocable for those given up");
    }

    private async ValueTask<VaultResponse> RevokeForceAsync(RequestContext context)
    {
        await vault.Leases.RevokeByPrefixAsync(context.Namespace, PrefixOf(context), force: true, CancellationToken.None);
        return VaultResponse.NoContent();
    }

    private ValueTask<VaultResponse> TidyAsync(RequestContext context)
    {
        vault.Background.Start("tidy of leases", stop => LeaseTidy.RunAsync(vault, stop));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static string IdOf(RequestContext context)
    {
        string? id = context.Match.Capture("url_lease_id") is { Length: > 0 } inPath ? inPath : context.Fields.Text("lease_id");
        return id is { Length: > 0 } ? id : throw RequestRefused.BadRequest("lease_id must be specified");
    }

    private static string PrefixOf(RequestContext context) =>
        context.Capture("prefix").TrimEnd('/') is { Length: > 0 } prefix ? prefix + "/" : throw RequestRefused.BadRequest("missing prefix: name the path that the leases lie below");
}
