using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/seal</c>, <c>sys/step-down</c>, <c>sys/key-status</c>, <c>sys/rotate</c>: the keys of the running vault.</summary>
internal static class SealRoutes
{
    public static IEnumerable<Route> Of(UnsealedVault vault) =>
    [
        Route.At("seal", "Seals the vault: keys are zeroed, every request but unseal is refused.").Writes(c => SealAsync(vault, c)).Sudo(),
        Route.At("key-status", "Shows the newest term of the key ring.").Reads(_ => KeyStatusAsync(vault)),
        Route.At("rotate", "Begins a new term of the key ring.").Writes(c => RotateAsync(vault, c)).Sudo(),
    ];

    // Vault API: POST /sys/seal. The answer goes out first: sealing waits for running requests, this one among them.
    private static ValueTask<VaultResponse> SealAsync(UnsealedVault vault, RequestContext context)
    {
        context.AfterCommit(vault.Node.BeginSeal);
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static ValueTask<VaultResponse> KeyStatusAsync(UnsealedVault vault)
    {
        var term = vault.Barrier.ActiveTerm;
        return ValueTask.FromResult(new VaultResponse
        {
            Shape = ResponseShape.EnvelopeAndTopLevel,
            Data = JsonData.Object(w =>
            {
                w.WriteNumber("term", term.Term);
                w.WriteTime("install_time", term.Installed);
                w.WriteNumber("encryptions", term.Encryptions);
            }),
        });
    }

    private static async ValueTask<VaultResponse> RotateAsync(UnsealedVault vault, RequestContext context)
    {
        await vault.Barrier.RotateAsync(context.Cancellation);
        return VaultResponse.NoContent();
    }
}
