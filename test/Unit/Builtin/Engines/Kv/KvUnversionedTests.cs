using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvUnversionedTests
{
    [Theory]
    [InlineData("""{"a":1e400,"b":"A&","n":{"ttl":"1s"}}""", 2_764_800)]
    [InlineData("""{"a":1,"ttl":"1h"}""", 3_600)]
    [InlineData("""{"ttl":30}""", 30)]
    [InlineData("""{"lease":"30s"}""", 30)]
    [InlineData("""{"lease":"30s","ttl":"40s"}""", 40)]
    [InlineData("""{"ttl":"soon"}""", 2_764_800)]
    [InlineData("""{"ttl":["1h"]}""", 2_764_800)]
    public async Task Read_givesBackTheBytesAndTheirLife(string data, int seconds)
    {
        await using TestVault vault = await KvVault.StartAsync();
        Assert.Equal(204, (await vault.WriteAsync("plain/app", data)).Status);
        TestResponse response = await vault.ReadAsync("plain/app");
        Assert.Equal(data, response.Data.GetRawText());
        Assert.Equal(seconds, response.Json.GetProperty("lease_duration").GetInt32());
        Assert.Equal("", response.Json.GetProperty("lease_id").GetString());
        Assert.False(response.Json.GetProperty("renewable").GetBoolean());
        Assert.Equal(204, (await vault.DeleteAsync("plain/app")).Status);
        Assert.Equal("""{"errors":[]}""", (await vault.ReadAsync("plain/app")).Text);
        Assert.Equal(204, (await vault.DeleteAsync("plain/app")).Status);
    }

    [Fact]
    public async Task Write_nothing_is400()
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse response = await vault.WriteAsync("plain/app");
        Assert.Equal((400, "missing data fields"), (response.Status, response.Error));
        Assert.Equal(405, (await vault.SendAsync(Operation.Patch, "plain/app", """{"a":1}""")).Status);
    }

    [Fact]
    public async Task Tune_toVersion2_turnsSecretsIntoFirstVersions()
    {
        await using TestVault vault = await KvVault.StartAsync();
        string large = new('x', 20_000);
        await vault.WriteAsync("plain/app", """{"a":1.0}""");
        await vault.WriteAsync("plain/folder/large", $$"""{"a":"{{large}}"}""");
        vault.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(204, (await vault.WriteAsync("sys/mounts/plain/tune", """{"options":{"version":"2"}}""")).Status);
        TestResponse first = await vault.ReadAsync("plain/data/app");
        Assert.Equal("""{"a":1.0}""", first.Data.GetProperty("data").GetRawText());
        Assert.Equal("2026-01-01T00:00:00Z", first.Data.GetProperty("metadata").GetProperty("created_time").GetString());
        Assert.Equal(["app", "folder/large"], (await vault.SendAsync(Operation.Scan, "plain/metadata/")).Keys());
        Assert.Equal(2, (await vault.WriteAsync("plain/data/folder/large", """{"data":{"b":2},"options":{"cas":1}}""")).Data.GetProperty("version").GetInt32());
        TestResponse old = await vault.SendAsync(Operation.Read, "plain/data/folder/large", """{"version":"1"}""");
        Assert.Equal(large, old.Data.GetProperty("data").GetProperty("a").GetString());
        Assert.Equal(404, (await vault.ReadAsync("plain/app")).Status);
    }

    [Fact]
    public async Task Tune_backToVersion1_isRefused()
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse response = await vault.WriteAsync("sys/mounts/secret/tune", """{"options":{"version":"1"}}""");
        Assert.Equal(400, response.Status);
        Assert.StartsWith("cannot downgrade mount from version 2", response.Error, StringComparison.Ordinal);
        Assert.Equal(400, (await vault.WriteAsync("sys/mounts/other", """{"type":"kv","options":{"version":"3"}}""")).Status);
        await vault.WriteAsync("secret/data/app", """{"data":{}}""");
        Assert.Equal(200, (await vault.ReadAsync("secret/data/app")).Status);
    }
}
