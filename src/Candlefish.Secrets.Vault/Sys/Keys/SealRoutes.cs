using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Node;

namespace Candlefish.Secrets.Vault.Sys.Keys;

/// <summary><c>sys/seal</c> and <c>sys/step-down</c>: the end of the running vault.</summary>
internal static class SealRoutes
{
    public static IEnumerable<Route> Of(UnsealedVault vault) =>
    [
        Route.At("seal", "Seals the vault: keys are zeroed, every request but unseal is refused.").Writes(c => SealAsync(vault, c)).Sudo(),
        Route.At("step-down", "Gives up leadership. Every node of this server answers: there is none to give up.").Writes(_ => ValueTask.FromResult(VaultResponse.NoContent())).Sudo(),
    ];

    // Vault API: POST /sys/seal. The answer goes out first: sealing waits for running requests, this one among them.
    private static ValueTask<VaultResponse> SealAsync(UnsealedVault vault, RequestContext context)
    {
        context.AfterCommit(vault.Node.BeginSeal);
        return ValueTask.FromResult(VaultResponse.NoContent());
    }
}
