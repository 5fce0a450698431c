using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvPatchTests
{
    // RFC 7396, appendix A, where target and patch are objects; then texts of numbers and names that need escapes.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData("""{"a":1.0,"b":1e400}""", """{"c":1E+2}""", """{"a":1.0,"b":1e400,"c":1E+2}""")]
    [InlineData("""{"é":1,"q\"":2}""", """{"\u00e9":3,"q\u0022":null}""", """{"é":3}""")]
    [InlineData("""{"a":"x\/y\u0041"}""", """{"b":[null]}""", """{"a":"x\/y\u0041","b":[null]}""")]
    public async Task Patch_ofData_mergesAsRfc7396Says(string data, string patch, string merged)
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/data/app", $$"""{"data":{{data}}}""");
        TestResponse response = await vault.SendAsync(Operation.Patch, "secret/data/app", $$$"""{"data":{{{patch}}},"options":{"cas":1}}""");
        Assert.Equal((200, 2), (response.Status, response.Data.GetProperty("version").GetInt32()));
        Assert.Equal(merged, (await vault.ReadAsync("secret/data/app")).Data.GetProperty("data").GetRawText());
        Assert.Equal(data, (await vault.ReadVersionAsync("app", 1)).Data.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Patch_absentOrDeletedKey_is404()
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse absent = await vault.SendAsync(Operation.Patch, "secret/data/app", """{"data":{}}""");
        Assert.Equal((404, ""), (absent.Status, absent.Text));
        await vault.WriteAsync("secret/data/app", """{"data":{"a":1}}""");
        await vault.DeleteAsync("secret/data/app");
        TestResponse deleted = await vault.SendAsync(Operation.Patch, "secret/data/app", """{"data":{}}""");
        Assert.Equal((404, 1), (deleted.Status, deleted.Data.GetProperty("metadata").GetProperty("version").GetInt32()));
        Assert.Equal(400, (await vault.SendAsync(Operation.Patch, "secret/data/app", "{}")).Status);
    }

    [Fact]
    public async Task Patch_wrongCas_changesNothing()
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/data/app", """{"data":{"a":1}}""");
        TestResponse refused = await vault.SendAsync(Operation.Patch, "secret/data/app", """{"data":{"a":2},"options":{"cas":0}}""");
        Assert.Equal((400, "check-and-set parameter did not match the current version"), (refused.Status, refused.Error));
        Assert.Equal(1, (await vault.ReadAsync("secret/data/app")).Data.GetProperty("data").GetProperty("a").GetInt32());
    }

    [Fact]
    public async Task Patch_growingBeyondWhatStorageTakes_is413()
    {
        await using TestVault vault = await KvVault.StartAsync();
        string half = new('x', 16 << 20);
        Assert.Equal(200, (await vault.WriteAsync("secret/data/app", $$$"""{"data":{"a":"{{{half}}}"}}""")).Status);
        TestResponse refused = await vault.SendAsync(Operation.Patch, "secret/data/app", $$$"""{"data":{"b":"{{{half}}}"}}""");
        Assert.Equal(413, refused.Status);
        Assert.Equal(1, (await vault.ReadAsync("secret/data/app")).Data.GetProperty("metadata").GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Patch_largeData_worksAcrossTheInlineLimit()
    {
        await using TestVault vault = await KvVault.StartAsync();
        string large = new('x', 20_000);
        await vault.WriteAsync("secret/data/app", $$$"""{"data":{"a":"{{{large}}}"}}""");
        await vault.SendAsync(Operation.Patch, "secret/data/app", """{"data":{"b":1}}""");
        Assert.Equal(large.Length, (await vault.ReadAsync("secret/data/app")).Data.GetProperty("data").GetProperty("a").GetString()?.Length);
        await vault.SendAsync(Operation.Patch, "secret/data/app", """{"data":{"a":null}}""");
        Assert.Equal("""{"b":1}""", (await vault.ReadAsync("secret/data/app")).Data.GetProperty("data").GetRawText());
        await vault.SendAsync(Operation.Patch, "secret/data/app", $$$"""{"data":{"c":"{{{large}}}"}}""");
        Assert.Equal(large.Length, (await vault.ReadVersionAsync("app", 4)).Data.GetProperty("data").GetProperty("c").GetString()?.Length);
    }
}
