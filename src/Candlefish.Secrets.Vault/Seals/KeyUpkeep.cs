using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Seals;

/// <summary>Looks at the active term every minute: records its counter, and begins a new term when it is due.</summary>
internal static class KeyUpkeep
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    public static void Start(UnsealedVault vault) => vault.Background.Start("upkeep of the key ring", async stop =>
    {
        using var timer = new PeriodicTimer(Every, vault.Time);
        while (await timer.WaitForNextTickAsync(stop))
            await RunAsync(vault, stop);
    });

    internal static async ValueTask RunAsync(UnsealedVault vault, CancellationToken stop)
    {
        SecurityBarrier barrier = vault.Barrier;
        using StorageTransaction tx = barrier.Begin();
        RotationConfig config = await RotationConfig.LoadAsync(tx, stop);
        TermKey active = barrier.ActiveTerm;
        if (config.IsDue(active.Installed, active.Encryptions, vault.Time.GetUtcNow()))
            await barrier.RotateAsync(stop);
        else if (barrier.WantsUpkeep)
            await barrier.RecordCounterAsync(stop);
    }
}
