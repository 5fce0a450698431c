using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvDataTests
{
    [Fact]
    public async Task Write_twice_keepsBothVersions()
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse first = await vault.WriteAsync("secret/data/app", """{"data":{"a":1}}""");
        Assert.Equal(200, first.Status);
        Assert.Equal("""{"created_time":"2026-01-01T00:00:00Z","custom_metadata":null,"deletion_time":"","destroyed":false,"version":1}""", first.Data.GetRawText());
        vault.Time.Advance(TimeSpan.FromMilliseconds(1.5));
        await vault.WriteAsync("secret/data/app", """{"data":{"a":2}}""");
        Assert.Equal(
            """{"data":{"a":2},"metadata":{"created_time":"2026-01-01T00:00:00.0015Z","custom_metadata":null,"deletion_time":"","destroyed":false,"version":2}}""",
            (await vault.ReadAsync("secret/data/app")).Data.GetRawText());
        Assert.Equal("""{"a":1}""", (await vault.ReadVersionAsync("app", 1)).Data.GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("""{"a":1e400,"b":1.0,"c":123456789012345678901234567890,"d":-0,"e":1E+2}""")]
    [InlineData("""{"a":"A\/\"\\\b\n","b":"&?+<>'é😀","c":""}""")]
    [InlineData("""{"z":1,"a":{"y":[1, 2 ,{"x":null}]},"m":[],"o":{}}""")]
    [InlineData("{}")]
    public async Task Read_anyJson_givesBackTheBytesThatWereSent(string data)
    {
        await using TestVault vault = await KvVault.StartAsync();
        Assert.Equal(200, (await vault.WriteAsync("secret/data/app", $$"""{"data":{{data}}}""")).Status);
        Assert.Contains("\"data\":{\"data\":" + data + ",", (await vault.ReadAsync("secret/data/app")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_unknownKeyOrVersion_is404WithoutErrors()
    {
        await using TestVault vault = await KvVault.StartAsync();
        Assert.Equal((404, """{"errors":[]}"""), Plain(await vault.ReadAsync("secret/data/app")));
        await vault.WriteAsync("secret/data/app", """{"data":{}}""");
        Assert.Equal((404, """{"errors":[]}"""), Plain(await vault.ReadVersionAsync("app", 2)));
        Assert.Equal(200, (await vault.ReadVersionAsync("app", 0)).Status);
        Assert.Equal(400, (await vault.ReadVersionAsync("app", -1)).Status);
    }

    [Fact]
    public async Task Read_deletedVersion_is404WithItsMetadata()
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/data/app", """{"data":{"a":1}}""");
        vault.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(204, (await vault.DeleteAsync("secret/data/app")).Status);
        TestResponse gone = await vault.ReadAsync("secret/data/app");
        Assert.Equal(404, gone.Status);
        Assert.Equal(
            """{"data":null,"metadata":{"created_time":"2026-01-01T00:00:00Z","custom_metadata":null,"deletion_time":"2026-01-01T01:00:00Z","destroyed":false,"version":1}}""",
            gone.Data.GetRawText());
        Assert.False(gone.Json.TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task Write_beyondMaxVersions_prunesTheOldest()
    {
        await using TestVault vault = await KvVault.StartAsync();
        for (int i = 1; i <= 12; i++)
            await vault.WriteAsync("secret/data/app", $$$"""{"data":{"n":{{{i}}}}}""");
        Assert.Equal(404, (await vault.ReadVersionAsync("app", 2)).Status);
        for (int i = 3; i <= 12; i++)
            Assert.Equal(i, (await vault.ReadVersionAsync("app", i)).Data.GetProperty("data").GetProperty("n").GetInt32());
        IReadOnlyList<string> keys = await vault.Storage.ListAsync("logical/", "", 100, TestContext.Current.CancellationToken);
        Assert.Equal(10, keys.Count);
    }

    [Theory]
    [InlineData("{}", "no data provided")]
    [InlineData("""{"data":null}""", "no data provided")]
    [InlineData("""{"data":"x"}""", "error converting input for field \"data\": expected a map")]
    [InlineData("""{"data":[]}""", "error converting input for field \"data\": expected a map")]
    [InlineData("""{"data":{},"options":1}""", "error converting input for field \"options\": expected a map")]
    [InlineData("""{"data":{},"options":{"cas":"x"}}""", "error parsing check-and-set parameter")]
    [InlineData("""{"data":{},"options":{"cas":1.5}}""", "error parsing check-and-set parameter")]
    [InlineData("""{"data":{},"options":{"cas":1}}""", "check-and-set parameter did not match the current version")]
    public async Task Write_wrongBody_is400(string body, string error)
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse response = await vault.WriteAsync("secret/data/app", body);
        Assert.Equal((400, error), (response.Status, response.Error));
        Assert.Equal(404, (await vault.ReadAsync("secret/data/app")).Status);
    }

    [Fact]
    public async Task Write_withCas_succeedsOnlyAtTheCurrentVersion()
    {
        await using TestVault vault = await KvVault.StartAsync();
        Assert.Equal(200, (await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":0}}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":0}}""")).Status);
        Assert.Equal(200, (await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":"1"}}""")).Status);
        await vault.DeleteAsync("secret/data/app");
        TestResponse afterDelete = await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":0}}""");
        Assert.Equal("check-and-set parameter did not match the current version", afterDelete.Error);
        Assert.Equal(3, (await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":2}}""")).Data.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Config_casRequired_refusesWritesWithoutCas()
    {
        await using TestVault vault = await KvVault.StartAsync();
        Assert.Equal(204, (await vault.WriteAsync("secret/config", """{"cas_required":"true","max_versions":"3"}""")).Status);
        Assert.Equal(
            """{"cas_required":true,"delete_version_after":"0s","max_versions":3,"metadata_cas_required":false}""",
            (await vault.ReadAsync("secret/config")).Data.GetRawText());
        TestResponse refused = await vault.WriteAsync("secret/data/app", """{"data":{}}""");
        Assert.Equal((400, "check-and-set parameter required for this call"), (refused.Status, refused.Error));
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal(400, (await vault.WriteAsync("secret/data/app", """{"data":{}}""")).Status);
        Assert.Equal(200, (await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":0}}""")).Status);
    }

    [Fact]
    public async Task Versions_deletedUndeletedDestroyed_changeWhatIsReadable()
    {
        await using TestVault vault = await KvVault.StartAsync();
        for (int i = 1; i <= 3; i++)
            await vault.WriteAsync("secret/data/app", $$$"""{"data":{"n":{{{i}}}}}""");
        Assert.Equal(204, (await vault.WriteAsync("secret/delete/app", """{"versions":[1,"3"]}""")).Status);
        Assert.Equal("404 200 404", await StatusesAsync(vault, 3));
        Assert.Equal(204, (await vault.WriteAsync("secret/undelete/app", """{"versions":"1,3,9"}""")).Status);
        Assert.Equal("200 200 200", await StatusesAsync(vault, 3));
        Assert.Equal(204, (await vault.WriteAsync("secret/destroy/app", """{"versions":[1,3]}""")).Status);
        await vault.WriteAsync("secret/undelete/app", """{"versions":[1,3]}""");
        Assert.Equal("404 200 404", await StatusesAsync(vault, 3));
        Assert.True((await vault.ReadAsync("secret/data/app")).Data.GetProperty("metadata").GetProperty("destroyed").GetBoolean());
        IReadOnlyList<string> keys = await vault.Storage.ListAsync("logical/", "", 100, TestContext.Current.CancellationToken);
        Assert.Equal(2, keys.Count);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("undelete")]
    [InlineData("destroy")]
    public async Task Versions_missingWrongOrUnknown_areTold(string operation)
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse missing = await vault.WriteAsync($"secret/{operation}/app");
        Assert.Equal((400, "No version number provided"), (missing.Status, missing.Error));
        Assert.Equal(400, (await vault.WriteAsync($"secret/{operation}/app", """{"versions":["x"]}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync($"secret/{operation}/app", """{"versions":[-1]}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync($"secret/{operation}/app", """{"versions":{"a":1}}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync($"secret/{operation}/app", """{"versions":[1]}""")).Status);
    }

    [Fact]
    public async Task Read_largeData_isWholeInEveryVersion()
    {
        await using TestVault vault = await KvVault.StartAsync();
        string large = new('x', 1 << 20);
        await vault.WriteAsync("secret/data/app", $$$"""{"data":{"v":"{{{large}}}1"}}""");
        await vault.WriteAsync("secret/data/app", """{"data":{"v":"small"}}""");
        await vault.WriteAsync("secret/data/app", $$$"""{"data":{"v":"{{{large}}}3"}}""");
        Assert.Equal(large + "1", Value(await vault.ReadVersionAsync("app", 1)));
        Assert.Equal("small", Value(await vault.ReadVersionAsync("app", 2)));
        Assert.Equal(large + "3", Value(await vault.ReadAsync("secret/data/app")));
    }

    [Fact]
    public async Task Read_wrongPathOfAVersionedMount_saysSo()
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse response = await vault.ReadAsync("secret/app");
        Assert.Equal(404, response.Status);
        Assert.StartsWith("Invalid path for a versioned K/V secrets engine", response.Json.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(404, (await vault.ReadAsync("secret/data")).Status);
        Assert.Equal(404, (await vault.WriteAsync("secret/data", """{"data":{}}""")).Status);
    }

    private static string? Value(TestResponse response) => response.Data.GetProperty("data").GetProperty("v").GetString();

    private static (int, string) Plain(TestResponse response) => (response.Status, response.Text);

    private static async Task<string> StatusesAsync(TestVault vault, int versions)
    {
        int[] statuses = new int[versions];
        for (int i = 0; i < versions; i++)
            statuses[i] = (await vault.ReadVersionAsync("app", i + 1)).Status;
        return string.Join(' ', statuses);
    }
}
