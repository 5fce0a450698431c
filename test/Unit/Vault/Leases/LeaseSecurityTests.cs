using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Leases;

/// <summary>Rows 51, 52 and 57 of the list of weaknesses that others had.</summary>
public sealed class LeaseSecurityTests
{
    private readonly OutsideWorld _world = new();

    private const string MayTouch = """
        path "sys/leases/*" { capabilities = ["update"] }
        path "sys/re*" { capabilities = ["update"] }
        """;

    /// <summary>CVE-2026-45808: old spellings were judged by their own path.</summary>
    [Theory]
    [InlineData("sys/revoke")]
    [InlineData("sys/renew")]
    [InlineData("sys/revoke-prefix/counter")]
    [InlineData("sys/revoke-force/counter")]
    public async Task Row051_oldSpelling_isDecidedByTheCanonicalPath(string path)
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await vault.PolicyAsync("old-only", """path "sys/re*" { capabilities = ["update", "sudo"] }""");
        await vault.PolicyAsync("counter", """path "counter/*" { capabilities = ["update"] }""");
        string token = await vault.TokenAsync("""{"policies":"old-only,counter","no_default_policy":true}""");
        string id = await vault.LeaseIdAsync(token: token);
        Assert.Equal(403, (await vault.WriteAsync(path, $$"""{"lease_id":"{{id}}"}""", token)).Status);
        Assert.Single(_world.Live);
        Assert.InRange((await vault.WriteAsync(path, $$"""{"lease_id":"{{id}}"}""")).Status, 200, 204);
    }

    [Theory]
    [InlineData("sys/leases/revoke")]
    [InlineData("sys/revoke")]
    [InlineData("sys/leases/renew")]
    [InlineData("sys/renew")]
    [InlineData("sys/leases/lookup")]
    public async Task Row052_leaseIdOfAnotherNamespace_isRefused(string path)
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string id = await vault.LeaseIdAsync();
        TestResponse response = await vault.WriteAsync(path, $$"""{"lease_id":"{{id}}.Xy12z"}""");
        Assert.Equal(403, response.Status);
        Assert.Single(_world.Live);
    }

    /// <summary>CVE-2026-55774: whoever learned a lease id could end it.</summary>
    [Theory]
    [InlineData("sys/leases/revoke", "")]
    [InlineData("sys/leases/renew", "")]
    [InlineData("sys/leases/lookup", "")]
    [InlineData("sys/leases/revoke", "/")]
    [InlineData("sys/leases/renew", "/")]
    [InlineData("sys/revoke", "/")]
    public async Task Row052_leakedLeaseId_opensNothingToAnotherToken(string path, string inPath)
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await vault.PolicyAsync("toucher", MayTouch);
        string id = await vault.LeaseIdAsync();
        string thief = await vault.TokenAsync("""{"policies":"toucher"}""");
        TestResponse response = inPath.Length > 0
            ? await vault.WriteAsync($"{path}/{id}", "{}", thief)
            : await vault.WriteAsync(path, $$"""{"lease_id":"{{id}}"}""", thief);
        Assert.Equal((403, "1 error occurred:\n\t* permission denied\n\n"), (response.Status, response.Error));
        Assert.Single(_world.Live);
        Assert.Equal(200, (await vault.OnLeaseAsync("lookup", id)).Status);
    }

    [Fact]
    public async Task Lease_ofItsOwnToken_isOpenToDefaultRights()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        await vault.PolicyAsync("counter", """path "counter/*" { capabilities = ["update"] }""");
        string token = await vault.TokenAsync("""{"policies":"counter"}""");
        string id = await vault.LeaseIdAsync(token: token);
        Assert.Equal(200, (await vault.OnLeaseAsync("lookup", id, token)).Status);
        Assert.Equal(200, (await vault.OnLeaseAsync("renew", id, token)).Status);
    }

    /// <summary>CVE-2020-25816: leases of batch tokens outlived them.</summary>
    [Theory]
    [InlineData("""{"ttl":"10h"}""")]
    [InlineData("""{"ttl":"10h","intent":true}""")]
    public async Task Row057_leaseOfABatchToken_neverOutlivesIt(string json)
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string batch = await vault.TokenAsync("""{"policies":"root","type":"batch","ttl":"1h"}""", null, "auth/token/create-orphan");
        JsonElement answer = await vault.LeaseAsync(json, batch);
        string id = answer.GetProperty("lease_id").GetString() ?? "";
        Assert.Equal(3600, answer.GetProperty("lease_duration").GetInt32());
        vault.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(60, (await vault.OnLeaseAsync("renew", id, batch, ""","increment":"10h" """)).Json.GetProperty("lease_duration").GetInt32());
        vault.Time.JumpWallClock(TimeSpan.FromHours(-5));
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
    }

    [Fact]
    public async Task Row057_leaseOfABatchToken_endsWithTheParent()
    {
        await using TestVault vault = await LeaseTestVault.StartAsync(_world);
        string parent = await vault.TokenAsync("""{"policies":"root","ttl":"1h"}""");
        string batch = await vault.TokenAsync("""{"policies":"root","type":"batch","ttl":"10h"}""", parent);
        await vault.LeaseIdAsync(token: batch);
        vault.Time.JumpWallClock(TimeSpan.FromHours(1));
        await vault.SweepAsync();
        await vault.SweepAsync();
        Assert.Empty(_world.Live);
        Assert.False(await vault.IsAliveAsync(batch));
    }
}
