using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Integration.Cli;

public sealed class AccessCommandTests
{
    private const string ReadApp = "path \"secret/data/app/*\" {\n  capabilities = [\"read\"]\n}\n";

    [Fact]
    public async Task Token_of_a_policy_may_read_its_path_only()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("kv put secret/app/a k=-", "v");
        await server.OkAsync("kv put secret/other/a k=-", "v");
        await server.OkAsync("policy write app -", ReadApp);
        Assert.Equal(ReadApp, await server.OkAsync("policy read app"));
        var token = await server.OkAsync("token create -policy=app -ttl=1h -field=token");
        server.Cli.Variables["VAULT_TOKEN"] = token;
        Assert.Equal("v", await server.OkAsync("kv get -field=k secret/app/a"));
        Assert.Equal(5, await server.CodeAsync("kv get secret/other/a"));
        Assert.Contains("policies app, default", server.Cli.Error, StringComparison.Ordinal);
        Assert.Equal("read\n", await server.OkAsync("token capabilities secret/data/app/x"));
        Assert.Contains("policies app,default", await server.OkAsync("whoami"), StringComparison.Ordinal);
        await server.OkAsync("token renew");
        await server.OkAsync("token revoke -self");
        Assert.Equal(4, await server.CodeAsync("kv get secret/app/a"));
        Assert.Contains("invalid token", server.Cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_token_is_not_logged_in()
    {
        await using var server = await CliServer.StartAsync();
        server.Cli.Variables.Remove("VAULT_TOKEN");
        Assert.Equal(4, await server.CodeAsync("kv get secret/a"));
    }

    [Fact]
    public async Task Login_with_a_token_is_kept_until_logout()
    {
        await using var server = await CliServer.StartAsync();
        var token = (await server.OkAsync("token create -policy=default -field=token")).Trim();
        server.Cli.Variables.Remove("VAULT_TOKEN");
        await server.OkAsync("login -", token);
        Assert.Contains("policies default", await server.OkAsync("whoami"), StringComparison.Ordinal);
        await server.OkAsync("logout -revoke");
        Assert.Equal(4, await server.CodeAsync("whoami"));
        Assert.Equal(4, await server.Cli.RunAsync("whoami", "-token", token));
    }

    [Fact]
    public async Task Login_with_a_password_gives_the_rights_of_the_user()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("auth enable -path=people userpass");
        await server.OkAsync("policy write app -", ReadApp);
        await server.OkAsync("kv put secret/app/a k=-", "v");
        await server.OkAsync("write auth/people/users/alice policies=app password=-", "correct-horse-battery");
        server.Cli.Variables.Remove("VAULT_TOKEN");
        await server.OkAsync("login -method=userpass -path=people username=alice password=-", "correct-horse-battery");
        Assert.Contains("Logged in as alice (userpass). Policies: app, default.", server.Cli.Error, StringComparison.Ordinal);
        Assert.Equal("v", await server.OkAsync("kv get -field=k secret/app/a"));
        server.Cli.Input = "wrong";
        Assert.Equal(4, await server.CodeAsync("login -method=userpass -path=people username=alice password=-"));
        server.Cli.Input = "correct-horse-battery";
        Assert.StartsWith("hvs.", await server.OkAsync("login -method=userpass -path=people -token-only username=alice password=-"), StringComparison.Ordinal);
        Assert.Contains("people/\tuserpass\t", await server.OkAsync("auth list -token test-root"), StringComparison.Ordinal);
        await server.OkAsync("auth disable people -token=test-root");
        Assert.Equal(4, await server.CodeAsync("kv get secret/app/a"));
    }

    [Fact]
    public async Task Policy_test_on_the_server_agrees_with_the_offline_engine()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("policy write app -", ReadApp);
        await File.WriteAllTextAsync(
            Path.Combine(server.Cli.Work, "matrix.yaml"),
            "roles: {app: [app]}\nmatrix:\n- path: secret/data/app/x\n  expect: {app: [read]}\n- path: secret/data/other\n  expect: {app: none}\n",
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(server.Cli.Work, "app.hcl"), ReadApp, TestContext.Current.CancellationToken);
        var online = await server.OkAsync("policy test matrix.yaml");
        Assert.Equal(online, await server.OkAsync("policy test matrix.yaml --file app.hcl"));
        await server.OkAsync("policy write app -", ReadApp.Replace("\"read\"", "\"read\", \"delete\"", StringComparison.Ordinal));
        Assert.Equal(1, await server.CodeAsync("policy test matrix.yaml"));
    }

    [Fact]
    public async Task Wrapped_answer_is_unwrapped_once()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("kv put secret/a k=-", "v");
        var wrapping = (await server.OkAsync("kv get -wrap-ttl=60s -field=wrapping_token secret/a")).Trim();
        Assert.Contains("\"k\":\"v\"", await server.OkAsync("unwrap -field=data " + wrapping), StringComparison.Ordinal);
        Assert.Equal(2, await server.CodeAsync("unwrap " + wrapping));
        var own = (await server.OkAsync("wrap --ttl 60s -field=wrapping_token a=-", "1")).Trim();
        Assert.Equal("1", await server.OkAsync("unwrap -field=a " + own));
    }

    [Fact]
    public async Task Mounts_are_enabled_tuned_moved_and_disabled()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("secrets enable -path=team -description=ours kv-v2");
        Assert.Equal(6, await server.CodeAsync("secrets enable -path=team kv-v2"));
        var team = (await server.JsonAsync("secrets list"))["team/"];
        Assert.Equal(("kv", "ours", "2"), (team?["type"]?.ToString(), team?["description"]?.ToString(), team?["options"]?["version"]?.ToString()));
        await server.OkAsync("secrets tune -max-lease-ttl=10h team");
        Assert.Equal("36000", (await server.JsonAsync("secrets list"))["team/"]?["config"]?["max_lease_ttl"]?.ToString());
        await server.OkAsync("kv put team/a k=-", "v");
        await server.OkAsync("secrets move team moved");
        Assert.Equal("v", await server.OkAsync("kv get -field=k moved/a"));
        await server.OkAsync("secrets disable moved");
        Assert.Null((await server.JsonAsync("secrets list"))["moved/"]);
    }

    [Fact]
    public async Task Status_and_doctor_see_a_healthy_server_and_operator_seals_it()
    {
        await using var server = await CliServer.StartAsync();
        await server.OkAsync("status");
        Assert.Contains("Key Term\t", await server.OkAsync("operator rotate"), StringComparison.Ordinal);
        await server.OkAsync("doctor");
        await server.OkAsync("operator seal");
        Assert.Equal(2, await server.CodeAsync("status"));
        Assert.Equal(7, await server.CodeAsync("kv get secret/a"));
        Assert.Contains("operator unseal", server.Cli.Error, StringComparison.Ordinal);
        Assert.Equal(1, await server.CodeAsync("doctor"));
    }
}
