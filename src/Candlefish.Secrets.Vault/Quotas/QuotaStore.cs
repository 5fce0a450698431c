using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Quotas;

/// <summary>Rate limits, checked before a request costs anything.</summary>
internal sealed class QuotaStore
{
    public static ValueTask<QuotaStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation) => ValueTask.FromResult(new QuotaStore());

    /// <summary>Lets the request pass (<see langword="null"/>), or answers 429.</summary>
    public VaultResponse? Admit(RequestContext context) => null;
}
