using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Sys;

public sealed class LeaseRoutesTests
{
    [Fact]
    public async Task Lookup_idThatNoStorageCanHold_isAnUnknownLease()
    {
        await using TestVault vault = await TestVault.StartAsync();
        foreach (string id in new[] { "\\u0000", "secret/x/\\u0000", new string('x', 5_000) })
        {
            string body = $$"""{"lease_id":"{{id}}"}""";
            Assert.Equal(400, (await vault.WriteAsync("sys/leases/lookup", body)).Status);
            Assert.Equal(400, (await vault.WriteAsync("sys/leases/renew", body)).Status);
            Assert.Equal(204, (await vault.WriteAsync("sys/leases/revoke", body)).Status);
        }
    }
}
