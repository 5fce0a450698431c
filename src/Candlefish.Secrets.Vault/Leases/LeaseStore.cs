using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>Leases of secrets: registered in the transaction that issues them, found by time, revoked when due.</summary>
internal sealed class LeaseStore : IAsyncDisposable
{
    public static ValueTask<LeaseStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation) => ValueTask.FromResult(new LeaseStore());

    /// <summary>Registers the lease of a secret and fills the lease members of the response.</summary>
    public ValueTask RegisterAsync(RequestContext context, VaultResponse response, LeasedSecret secret) => ValueTask.CompletedTask;

    /// <summary>Revokes what a mount handed out (leases, tokens of logins) when it is disabled or moved.</summary>
    public ValueTask RevokeByMountAsync(RequestContext context, Mount mount) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
