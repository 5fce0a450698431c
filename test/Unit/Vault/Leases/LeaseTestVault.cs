using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Tests.Unit.Vault.Leases;

/// <summary>A test vault with a leased counter engine at <c>counter/</c>.</summary>
internal static class LeaseTestVault
{
    public static async Task<TestVault> StartAsync(OutsideWorld world, IStorage? storage = null)
    {
        TestVault vault = await TestVault.StartAsync(storage: storage, backends: b => b.Engine("counter", (_, _) => new LeasedCounterEngine(world)));
        await vault.WriteAsync("sys/mounts/counter", """{"type":"counter"}""");
        return vault;
    }

    /// <summary>Makes a leased secret and returns the whole answer.</summary>
    public static async Task<JsonElement> LeaseAsync(this TestVault vault, string json = "{}", string? token = null, string path = "counter/creds/app")
    {
        TestResponse response = await vault.WriteAsync(path, json, token);
        return response.Status == 200 ? response.Json : throw new InvalidOperationException($"{path}: {response.Status} {response.Text}");
    }

    public static async Task<string> LeaseIdAsync(this TestVault vault, string json = "{}", string? token = null, string path = "counter/creds/app") =>
        (await vault.LeaseAsync(json, token, path)).GetProperty("lease_id").GetString() ?? "";

    public static Task<TestResponse> OnLeaseAsync(this TestVault vault, string operation, string leaseId, string? token = null, string more = "") =>
        vault.WriteAsync("sys/leases/" + operation, $$"""{"lease_id":"{{leaseId}}"{{more}}}""", token);

    /// <summary>A read with parameters, as a query gives them.</summary>
    public static Task<TestResponse> ReadWithAsync(this TestVault vault, string path, string json) => vault.SendAsync(Operation.Read, path, json);

    public static ValueTask<int> SweepAsync(this TestVault vault) => vault.Kernel().Leases.Sweeper.SweepAsync(CancellationToken.None);

    /// <summary>Keys of leases in storage, indexes included.</summary>
    public static async Task<int> LeaseKeysAsync(this TestVault vault) =>
        (await vault.Kernel().Barrier.ListKeysAsync("sys/lease/", "", 10_000, CancellationToken.None)).Count;
}
