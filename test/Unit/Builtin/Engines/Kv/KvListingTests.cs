using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

public sealed class KvListingTests
{
    private const string Empty = """{"data":{}}""";

    // The last four hold characters whose order differs in UTF-16 and UTF-8.
    public static readonly string[] OddPaths =
    [
        "http://test.com/x", "a b/c d", "100%/%2e%2e/x", "a//b///c", "ünï/çødé", "q?x=1&y#z", "a+b/*", "\"quoted\"/'x'", "{path}", "。/！", "😀/！", "！", "😀",
    ];

    [Fact]
    public async Task Paths_withOddCharacters_areReadListedAndDeletedByTheirOwnName()
    {
        await using TestVault vault = await KvVault.StartAsync();
        foreach (string path in OddPaths)
        {
            Assert.Equal(200, (await vault.WriteAsync("secret/data/" + path, $$$"""{"data":{"p":{{{KvVault.Quote(path)}}}}}""")).Status);
            Assert.Equal(204, (await vault.WriteAsync("plain/" + path, $$"""{"p":{{KvVault.Quote(path)}}}""")).Status);
        }
        foreach (string path in OddPaths)
        {
            Assert.Equal(path, (await vault.ReadAsync("secret/data/" + path)).Data.GetProperty("data").GetProperty("p").GetString());
            Assert.Equal(path, (await vault.ReadAsync("plain/" + path)).Data.GetProperty("p").GetString());
        }
        foreach (string folder in new[] { "secret/metadata/", "plain/" })
        {
            Assert.Equal(OddPaths.Order(StringComparer.Ordinal), (await vault.SendAsync(Operation.Scan, folder)).Keys().Order(StringComparer.Ordinal));
            Assert.Equal(OddPaths.Order(StringComparer.Ordinal), (await WalkAsync(vault, folder, "")).Order(StringComparer.Ordinal));
            Assert.Equal(["😀", "😀/", "！"], (await vault.ListAsync(folder)).Keys().Where(k => k[0] > '\u7fff').Order(StringComparer.Ordinal));
            Assert.Equal(OddPaths.Order(StringComparer.Ordinal), (await PagesAsync(vault, Operation.Scan, folder, 2)).Order(StringComparer.Ordinal));
        }
        foreach (string path in OddPaths)
            await vault.DeleteAsync("secret/metadata/" + path);
        Assert.Equal(404, (await vault.ListAsync("secret/metadata/")).Status);
    }

    [Fact]
    public async Task List_withAfterAndLimit_pagesThroughKeysAndFolders()
    {
        await using TestVault vault = await KvVault.StartAsync();
        foreach (string path in new[] { "a", "b/1", "b/2", "b", "c/d/e", "z" })
            await vault.WriteAsync("secret/data/" + path, Empty);
        Assert.Equal(["a", "b", "b/", "c/", "z"], (await vault.ListAsync("secret/metadata/")).Keys());
        Assert.Equal(["a", "b", "b/", "c/", "z"], await PagesAsync(vault, Operation.List, "secret/metadata/", 1));
        Assert.Equal(["1", "2"], (await vault.ListAsync("secret/metadata/b/")).Keys());
        Assert.Equal(["1", "2"], (await vault.ListAsync("secret/metadata/b")).Keys());
        Assert.Equal("""{"errors":[]}""", (await vault.ListAsync("secret/metadata/a/")).Text);
        Assert.Equal(["a", "b", "b/1", "b/2", "c/d/e", "z"], (await vault.SendAsync(Operation.Scan, "secret/metadata/")).Keys());
        Assert.Equal(["d/e"], (await vault.SendAsync(Operation.Scan, "secret/metadata/c")).Keys());
        Assert.Equal(400, (await vault.SendAsync(Operation.List, "secret/metadata/", """{"limit":"0"}""")).Status);
    }

    [Fact]
    public async Task List_manyVersions_showsEachKeyOnce()
    {
        await using TestVault vault = await KvVault.StartAsync();
        for (int i = 0; i < 5; i++)
            await vault.WriteAsync("secret/data/a", Empty);
        Assert.Equal(["a"], (await vault.SendAsync(Operation.Scan, "secret/metadata/")).Keys());
    }

    [Fact]
    public async Task Scan_andSearch_showOnlyWhatTheCallerMayRead()
    {
        await using TestVault vault = await KvVault.StartAsync();
        foreach (string path in new[] { "team/db", "team/api", "hr/db", "hr/pay" })
            await vault.WriteAsync("secret/data/" + path, Empty);
        await vault.WriteAsync("secret/metadata/hr/pay", """{"custom_metadata":{"Database":"x"}}""");
        await vault.WriteAsync("secret/metadata/team/api", """{"custom_metadata":{"database":"y","a/b":"z"}}""");
        string token = await vault.TokenAsync("""
            path "secret/metadata/*" { capabilities = ["list", "scan"] }
            path "secret/detailed-metadata/*" { capabilities = ["list"] }
            path "secret/search" { capabilities = ["read"] }
            path "secret/data/team/*" { capabilities = ["read"] }
            path "secret/metadata/team/api" { capabilities = ["read"] }
            """);
        Assert.Equal(["team/api", "team/db"], (await vault.SendAsync(Operation.Scan, "secret/metadata/", null, token)).Keys());
        Assert.Equal(["hr/", "team/"], (await vault.ListAsync("secret/metadata/", token)).Keys());
        Assert.Equal(["team/api", "team/db"], await SearchAsync(vault, "DB|database", token));
        Assert.Equal(["hr/db", "hr/pay", "team/api", "team/db"], await SearchAsync(vault, "DB|database", null));
        Assert.Equal(["team/api"], await SearchAsync(vault, "a/B", token));
        Assert.Empty(await SearchAsync(vault, "y", token));
        TestResponse details = await vault.ListAsync("secret/detailed-metadata/team/", token);
        Assert.Equal(["api", "db"], details.Keys());
        Assert.Equal(["api"], details.Data.GetProperty("key_info").EnumerateObject().Select(m => m.Name));
        Assert.Equal(1, details.Data.GetProperty("key_info").GetProperty("api").GetProperty("current_version").GetInt32());
    }

    [Fact]
    public async Task Search_afterMetadataChanges_followsThem()
    {
        await using TestVault vault = await KvVault.StartAsync();
        await vault.WriteAsync("secret/metadata/app", """{"custom_metadata":{"owner":"ops","tier":"1"}}""");
        Assert.Equal(["app"], await SearchAsync(vault, "tier", null));
        await vault.SendAsync(Operation.Patch, "secret/metadata/app", """{"custom_metadata":{"tier":null}}""");
        Assert.Empty(await SearchAsync(vault, "tier", null));
        Assert.Equal(["app"], await SearchAsync(vault, "own", null));
        await vault.DeleteAsync("secret/metadata/app");
        Assert.Empty(await SearchAsync(vault, "own", null));
        Assert.Equal((400, "missing query"), (await vault.ReadAsync("secret/search") is { } r ? (r.Status, r.Error) : default));
    }

    /// <summary>Finds with each of the texts that a bar separates; the union, in order.</summary>
    private static async Task<string[]> SearchAsync(TestVault vault, string texts, string? token)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string text in texts.Split('|'))
        {
            TestResponse response = await vault.SendAsync(Operation.Read, "secret/search", $$"""{"query":{{KvVault.Quote(text)}}}""", token);
            Assert.Equal(200, response.Status);
            found.UnionWith(response.Keys());
        }
        return [.. found];
    }

    private static async Task<List<string>> WalkAsync(TestVault vault, string root, string folder)
    {
        var paths = new List<string>();
        foreach (string name in (await vault.ListAsync(root + folder)).Keys())
        {
            if (name.EndsWith('/'))
                paths.AddRange(await WalkAsync(vault, root, folder + name));
            else
                paths.Add(folder + name);
        }
        return paths;
    }

    private static async Task<List<string>> PagesAsync(TestVault vault, Operation operation, string path, int limit)
    {
        var all = new List<string>();
        string after = "";
        while (true)
        {
            string[] page = (await vault.SendAsync(operation, path, $$"""{"after":{{KvVault.Quote(after)}},"limit":{{limit}}}""")).Keys();
            if (page.Length == 0)
                return all;
            all.AddRange(page);
            after = page[^1];
        }
    }
}
