using System.Text.Json.Nodes;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Cli;

public sealed class KvCommandTests
{
    [Fact]
    public async Task Put_then_get_gives_the_bytes_back()
    {
        await using var server = await CliServer.StartAsync();
        const string uri = "mongodb+srv://u:p%40ss@h/db?a=1&b=2+3\n";
        await server.OkAsync("kv put secret/candlefish/mongodb uri=-", uri);
        Assert.Equal(uri, await server.OkAsync("kv get -field=uri secret/candlefish/mongodb"));
        Assert.Equal(uri, await server.OkAsync("kv get -mount=secret -field uri candlefish/mongodb"));
        Assert.Equal(uri, await server.OkAsync("read -field=uri secret/data/candlefish/mongodb"));
        var inner = JsonNode.Parse(await server.OkAsync("read -field=value secret/data/candlefish/mongodb"));
        Assert.Equal(uri, inner?["uri"]?.ToString());
    }

    [Fact]
    public async Task Whole_object_from_stdin_keeps_numbers_and_nesting()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("kv put secret/a -", """{"big":12345678901234567890,"deep":{"list":[1,"two"]}}""");
        var data = (await server.JsonAsync("kv get secret/a"))["data"]?["data"];
        Assert.Equal("12345678901234567890", data?["big"]?.ToJsonString());
        Assert.Equal("""{"list":[1,"two"]}""", data?["deep"]?.ToJsonString());
    }

    [Fact]
    public async Task Versions_are_deleted_undeleted_destroyed_and_rolled_back()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("kv put secret/a k=-", "one");
        await server.OkAsync("kv put secret/a k=-", "two");
        await server.OkAsync("kv delete secret/a");
        Assert.Equal(3, await server.CodeAsync("kv get secret/a"));
        await server.OkAsync("kv undelete -versions=2 secret/a");
        Assert.Equal("two", await server.OkAsync("kv get -field=k secret/a"));
        await server.OkAsync("kv rollback -version=1 secret/a");
        Assert.Equal("one", await server.OkAsync("kv get -field=k secret/a"));
        Assert.Equal(1, await server.CodeAsync("kv destroy -versions=2 secret/a"));
        await server.OkAsync("kv destroy -y -versions=2 secret/a");
        Assert.Equal(3, await server.CodeAsync("kv get -version=2 secret/a"));
        var history = (await server.JsonAsync("kv history secret/a")).AsArray();
        Assert.Equal(["live", "destroyed", "live"], history.Select(static v => v?["state"]?.ToString()));
        await server.OkAsync("kv metadata delete -y secret/a");
        Assert.Equal(3, await server.CodeAsync("kv list secret/"));
    }

    [Fact]
    public async Task Check_and_set_mismatch_is_a_conflict()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("kv put -cas=0 secret/a k=-", "one");
        server.Cli.Input = "two";
        Assert.Equal(6, await server.CodeAsync("kv put -cas=0 secret/a k=-"));
        await server.OkAsync("kv put -cas=1 secret/a k=-", "two");
    }

    [Fact]
    public async Task Patch_changes_one_key_in_both_ways()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("kv put secret/a -", """{"a":"1","b":"2"}""");
        await server.OkAsync("kv patch secret/a a=-", "3");
        await server.OkAsync("kv patch -method=rw secret/a b=-", "4");
        Assert.Equal("a\t3\nb\t4\n", await server.OkAsync("kv get secret/a"));
        Assert.Equal(3, await server.CodeAsync("kv patch secret/none a=b"));
    }

    [Fact]
    public async Task List_find_copy_and_move_follow_the_tree()
    {
        await using var server = await CliServer.StartAsync();
        foreach (var path in new[] { "app", "db/main", "db/replica/one" })
        {
            await server.OkAsync($"kv put secret/{path} password=-", path);
        }

        Assert.Equal("app\ndb/\n", await server.OkAsync("kv list secret/"));
        Assert.Equal("secret/app\nsecret/db/main\nsecret/db/replica/one\n", await server.OkAsync("kv list -r secret/"));
        Assert.Equal("secret/db/replica/one\n", await server.OkAsync("kv list -r -match=*replica* secret/"));
        Assert.Equal("secret/db/main\n", await server.OkAsync("kv find MAIN"));
        Assert.Equal(3, (await server.OkAsync("kv find --keys passw")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await server.OkAsync("kv copy secret/app secret/copy");
        Assert.Equal(6, await server.CodeAsync("kv copy secret/app secret/copy"));
        await server.OkAsync("kv move -y secret/copy secret/moved");
        Assert.Equal("app", await server.OkAsync("kv get -field=password secret/moved"));
        Assert.Equal(3, await server.CodeAsync("kv get secret/copy"));
    }

    [Fact]
    public async Task Record_metadata_of_put_is_kept_and_found_by_tag()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("kv put --owner team --rotation-days 30 --tag tier=gold --generate password:24:alnum secret/a user=-", "app");
        var metadata = (await server.JsonAsync("kv metadata get secret/a"))["data"]?["custom_metadata"];
        Assert.Equal("team", metadata?["owner"]?.ToString());
        Assert.Equal("30", metadata?["rotation_days"]?.ToString());
        Assert.Equal(24, (await server.OkAsync("kv get -field=password secret/a")).Length);
        Assert.Equal("secret/a\n", await server.OkAsync("kv find --tag tier=gold"));
        await server.OkAsync("kv metadata patch -custom-metadata=owner=other secret/a");
        Assert.Equal("gold", (await server.JsonAsync("kv metadata get secret/a"))["data"]?["custom_metadata"]?["tier"]?.ToString());
    }

    [Fact]
    public async Task Version_1_mount_is_told_apart()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("secrets enable -path=old -version=1 kv");
        await server.OkAsync("kv put old/a k=-", "v");
        Assert.Equal("v", await server.OkAsync("kv get -field=k old/a"));
        Assert.Equal("a\n", await server.OkAsync("kv list old/"));
        Assert.Equal(1, await server.CodeAsync("kv undelete -versions=1 old/a"));
        await server.OkAsync("kv delete old/a");
        Assert.Equal(3, await server.CodeAsync("kv get old/a"));
    }
}
