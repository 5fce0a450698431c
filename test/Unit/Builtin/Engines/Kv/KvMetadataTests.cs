using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvMetadataTests
{
    [Fact]
    public async Task Read_afterWrites_tellsEverything()
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/data/app", """{"data":{"a":1}}""");
        vault.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(204, (await vault.WriteAsync("secret/metadata/app", """{"max_versions":5,"delete_version_after":"3h25m19s","custom_metadata":{"owner":"ops","rotation_days":90}}""")).Status);
        Assert.Equal(
            """{"cas_required":false,"created_time":"2026-01-01T00:00:00Z","current_metadata_version":1,"current_version":1,"custom_metadata":{"owner":"ops","rotation_days":"90"},""" +
            """
            "delete_version_after":"3h25m19s","max_versions":5,"metadata_cas_required":false,"oldest_version":0,"updated_time":"2026-01-01T00:00:01Z",
            """ +
            """
            "versions":{"1":{"created_time":"2026-01-01T00:00:00Z","deletion_time":"","destroyed":false}}}
            """,
            (await vault.ReadAsync("secret/metadata/app")).Data.GetRawText());
        Assert.Equal("ops", (await vault.ReadAsync("secret/data/app")).Data.GetProperty("metadata").GetProperty("custom_metadata").GetProperty("owner").GetString());
    }

    [Fact]
    public async Task Write_absentKey_makesAKeyWithoutVersions()
    {
        await using TestVault vault = await KvVault.StartAsync();
        Assert.Equal(404, (await vault.ReadAsync("secret/metadata/app")).Status);
        Assert.Equal(204, (await vault.WriteAsync("secret/metadata/app", """{"cas_required":true}""")).Status);
        Assert.Equal(0, (await vault.ReadAsync("secret/metadata/app")).Data.GetProperty("current_version").GetInt32());
        Assert.Equal("""{"errors":[]}""", (await vault.ReadAsync("secret/data/app")).Text);
        Assert.Equal("", (await vault.SendAsync(Operation.Patch, "secret/data/app", """{"data":{}}""")).Text);
        Assert.Equal("check-and-set parameter required for this call", (await vault.WriteAsync("secret/data/app", """{"data":{}}""")).Error);
        Assert.Equal(200, (await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":0}}""")).Status);
    }

    [Fact]
    public async Task Delete_key_takesEveryVersionWithIt()
    {
        await using TestVault vault = await KvVault.StartAsync();
        for (int i = 0; i < 3; i++)
            await vault.WriteAsync("secret/data/app", """{"data":{}}""");
        await vault.WriteAsync("secret/metadata/app", """{"custom_metadata":{"owner":"ops"}}""");
        Assert.Equal(204, (await vault.DeleteAsync("secret/metadata/app")).Status);
        Assert.Empty(await vault.Storage.ListAsync("logical/", "", 100, TestContext.Current.CancellationToken));
        Assert.Equal(204, (await vault.DeleteAsync("secret/metadata/app")).Status);
        Assert.Equal(1, (await vault.WriteAsync("secret/data/app", """{"data":{},"options":{"cas":0}}""")).Data.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Patch_changesWhatItNames()
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse absent = await vault.SendAsync(Operation.Patch, "secret/metadata/app", "{}");
        Assert.Equal((404, ""), (absent.Status, absent.Text));
        await vault.WriteAsync("secret/metadata/app", """{"max_versions":5,"cas_required":true,"custom_metadata":{"a":"1","b":"2"}}""");
        Assert.Equal(204, (await vault.SendAsync(Operation.Patch, "secret/metadata/app", """{"max_versions":null,"custom_metadata":{"a":null,"c":"3"}}""")).Status);
        var data = (await vault.ReadAsync("secret/metadata/app")).Data;
        Assert.Equal("""{"b":"2","c":"3"}""", data.GetProperty("custom_metadata").GetRawText());
        Assert.Equal(0, data.GetProperty("max_versions").GetInt32());
        Assert.True(data.GetProperty("cas_required").GetBoolean());
        await vault.SendAsync(Operation.Patch, "secret/metadata/app", """{"custom_metadata":null}""");
        Assert.Equal("null", (await vault.ReadAsync("secret/metadata/app")).Data.GetProperty("custom_metadata").GetRawText());
        Assert.Equal(400, (await vault.SendAsync(Operation.Patch, "secret/metadata/app", """{"custom_metadata":{"a":{}}}""")).Status);
        Assert.Equal(400, (await vault.SendAsync(Operation.Patch, "secret/metadata/app", """{"custom_metadata":[]}""")).Status);
    }

    public static TheoryData<string, string> WrongCustomMetadata()
    {
        string longName = new('n', 129), longText = new('t', 513);
        string many = string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"k{i}\":\"v\""));
        return new TheoryData<string, string>
        {
            { "{" + many + "}", "payload must contain at most 64 keys, provided 65" },
            { """{"":"v"}""", "length of key \"\" is 0 but must be 0 < len(key) <= 128" },
            { $$"""{"{{longName}}":"v"}""", $"length of key \"{longName}\" is 129 but must be 0 < len(key) <= 128" },
            { """{"k":""}""", "length of value for key \"k\" is 0 but must be 0 < len(value) <= 512" },
            { $$"""{"k":"{{longText}}"}""", "length of value for key \"k\" is 513 but must be 0 < len(value) <= 512" },
            { """{"a\u0007b":"v"}""", "key \"a\\u0007b\" (ab) contains unprintable characters" },
            { """{"k":"a\nb"}""", "value for key \"k\" contains unprintable characters" },
        };
    }

    [Theory]
    [MemberData(nameof(WrongCustomMetadata))]
    public async Task Write_wrongCustomMetadata_isRefusedWithItsReason(string custom, string reason)
    {
        await using TestVault vault = await KvVault.StartAsync();
        TestResponse response = await vault.WriteAsync("secret/metadata/app", $$"""{"custom_metadata":{{custom}}}""");
        Assert.Equal((400, $"1 error occurred:\n\t* custom_metadata validation failed: {reason}\n\n"), (response.Status, response.Error));
        Assert.Equal(404, (await vault.ReadAsync("secret/metadata/app")).Status);
    }

    [Fact]
    public async Task Write_withMetadataCas_succeedsOnlyAtTheCurrentOne()
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/config", """{"metadata_cas_required":true,"cas_required":true}""");
        Assert.Equal("metadata check-and-set parameter required for this call", (await vault.WriteAsync("secret/metadata/app")).Error);
        Assert.Equal(204, (await vault.WriteAsync("secret/metadata/app", """{"metadata_cas":0}""")).Status);
        Assert.Equal("metadata check-and-set parameter does not match the current version", (await vault.WriteAsync("secret/metadata/app", """{"metadata_cas":0}""")).Error);
        TestResponse warned = await vault.SendAsync(Operation.Patch, "secret/metadata/app", """{"metadata_cas":1,"cas_required":false}""");
        Assert.Equal(200, warned.Status);
        Assert.Equal("\"cas_required\" set to false, but is mandated by backend config. This value will be ignored.", warned.Json.GetProperty("warnings")[0].GetString());
    }

    // mount, key, after this time the version is gone (0 = never)
    [Theory]
    [InlineData("0s", "0s", 0)]
    [InlineData("1h", "0s", 3600)]
    [InlineData("0s", "1h", 3600)]
    [InlineData("1h", "2h", 3600)]
    [InlineData("2h", "1h", 3600)]
    [InlineData("-1s", "1h", 0)]
    [InlineData("1h", "-1s", 0)]
    public async Task DeleteVersionAfter_ofMountAndKey_theShorterHolds(string mount, string key, int seconds)
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/config", $$"""{"delete_version_after":"{{mount}}"}""");
        await vault.WriteAsync("secret/metadata/app", $$"""{"delete_version_after":"{{key}}"}""");
        TestResponse written = await vault.WriteAsync("secret/data/app", """{"data":{"a":1}}""");
        string deletion = seconds == 0 ? "" : WireTime.Format(vault.Time.GetUtcNow().AddSeconds(seconds));
        Assert.Equal(deletion, written.Data.GetProperty("deletion_time").GetString());
        vault.Time.Advance(TimeSpan.FromSeconds(3599));
        Assert.Equal(200, (await vault.ReadAsync("secret/data/app")).Status);
        vault.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(seconds == 0 ? 200 : 404, (await vault.ReadAsync("secret/data/app")).Status);
        await vault.WriteAsync("secret/undelete/app", """{"versions":[1]}""");
        Assert.Equal(200, (await vault.ReadAsync("secret/data/app")).Status);
    }

    [Theory]
    [InlineData("""{"a":{"b":1,"c":{"d":2}},"e":[{"f":1}],"g":{}}""", 0, """{"a":{"b":null,"c":{"d":null}},"e":null,"g":null}""")]
    [InlineData("""{"a":{"b":1,"c":{"d":2}},"e":1}""", 1, """{"a":null,"e":null}""")]
    [InlineData("""{"a":{"b":1,"c":{"d":2}},"e":1}""", 2, """{"a":{"b":null,"c":null},"e":null}""")]
    public async Task Subkeys_ofData_areNamesWithoutValues(string data, int depth, string subkeys)
    {
        await using TestVault vault = await KvVault.StartAsync();
        Assert.Equal(404, (await vault.ReadAsync("secret/subkeys/app")).Status);
        await vault.WriteAsync("secret/data/app", $$"""{"data":{{data}}}""");
        TestResponse response = await vault.SendAsync(Operation.Read, "secret/subkeys/app", $$"""{"depth":"{{depth}}"}""");
        Assert.Equal(subkeys, response.Data.GetProperty("subkeys").GetRawText());
        Assert.Equal(1, response.Data.GetProperty("metadata").GetProperty("version").GetInt32());
        await vault.DeleteAsync("secret/data/app");
        TestResponse gone = await vault.ReadAsync("secret/subkeys/app");
        Assert.Equal((404, "null"), (gone.Status, gone.Data.GetProperty("subkeys").GetRawText()));
    }
}
