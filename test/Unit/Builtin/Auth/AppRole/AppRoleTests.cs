using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Auth.AppRole;

public sealed class AppRoleTests
{
    private const string Role = "auth/approle/role/a";

    [Fact]
    public async Task Login_errors_haveTheTextsOfTheApi()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        string roleId = await vault.RoleIdAsync();
        Assert.Equal("missing role_id", (await vault.WriteAsync("auth/approle/login", """{"secret_id":"x"}""", "")).Error);
        Assert.Equal("missing secret_id", (await vault.LoginAsync(roleId, null)).Error);
        Assert.Equal("missing secret_id", (await vault.LoginAsync("unknown", "")).Error);
        Assert.Equal("invalid role or secret ID", (await vault.LoginAsync(roleId, "x")).Error);
        Assert.Equal("invalid role or secret ID", (await vault.LoginAsync("unknown", "x")).Error);
    }

    [Fact]
    public async Task Setting_onItsOwnRoute_isReadSetAndReset()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync("""{"token_bound_cidrs":"127.0.0.0/8"}""");
        (string Route, string Name, string Set, string Shown, string Unset)[] settings =
        [
            ("bind-secret-id", "bind_secret_id", "false", "false", "true"),
            ("bound-cidr-list", "bound_cidr_list", "\"10.0.0.0/8\"", """["10.0.0.0/8"]""", "[]"),
            ("period", "token_period", "\"1m\"", "60", "0"),
            ("period", "period", "\"2m\"", "120", "0"),
            ("policies", "token_policies", "\"b,A\"", """["a","b"]""", "[]"),
            ("policies", "policies", "[\"c\"]", """["c"]""", "[]"),
            ("secret-id-bound-cidrs", "secret_id_bound_cidrs", "[\"10.0.0.1\"]", """["10.0.0.1"]""", "[]"),
            ("secret-id-num-uses", "secret_id_num_uses", "\"7\"", "7", "0"),
            ("secret-id-ttl", "secret_id_ttl", "\"1h\"", "3600", "0"),
            ("token-max-ttl", "token_max_ttl", "90", "90", "0"),
            ("token-num-uses", "token_num_uses", "4", "4", "0"),
            ("token-ttl", "token_ttl", "\"30s\"", "30", "0"),
            ("token-bound-cidrs", "token_bound_cidrs", "\"10.0.0.0/8,::1\"", """["10.0.0.0/8","::1"]""", "[]"),
        ];
        foreach ((string route, string name, string set, string shown, string unset) in settings)
        {
            string path = $"{Role}/{route}";
            Assert.True((await vault.WriteAsync(path, $$"""{"{{name}}":{{set}}}""")).Status == 204, route);
            Assert.Equal(shown, (await vault.ReadAsync(path)).Data.GetProperty(name).GetRawText());
            Assert.True((await vault.DeleteAsync(path)).Status == 204, route);
            Assert.Equal(unset, (await vault.ReadAsync(path)).Data.GetProperty(name).GetRawText());
            if (route != "bind-secret-id")
                Assert.Equal(400, (await vault.WriteAsync(path)).Status);
            string missing = path.Replace("/role/a/", "/role/none/", StringComparison.Ordinal);
            Assert.Equal(404, (await vault.ReadAsync(missing)).Status);
            Assert.Equal(400, (await vault.WriteAsync(missing, $$"""{"{{name}}":{{set}}}""")).Status);
        }
        Assert.Equal("false", (await vault.ReadAsync(Role + "/local-secret-ids")).Data.GetProperty("local_secret_ids").GetRawText());
    }

    [Fact]
    public async Task Setting_onItsOwnRoute_changesNothingElse()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        Assert.Equal(200, (await vault.WriteAsync(Role + "/token-ttl", """{"token_ttl":60,"token_policies":["admin"],"bind_secret_id":false}""")).Status);
        JsonElement data = (await vault.ReadAsync(Role)).Data;
        Assert.Equal(["dev"], data.Strings("token_policies"));
        Assert.True(data.GetProperty("bind_secret_id").GetBoolean());
        Assert.Equal(60, data.GetProperty("token_ttl").GetInt32());
        Assert.Equal(204, (await vault.WriteAsync(Role + "/token-max-ttl", """{"token_max_ttl":90}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync(Role + "/token-ttl", """{"token_ttl":100,"token_max_ttl":200}""")).Status);
        Assert.Equal(60, (await vault.ReadAsync(Role)).Data.GetProperty("token_ttl").GetInt32());
    }

    [Fact]
    public async Task Role_withoutAnyConstraint_isRefused()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync(Role, """{"bind_secret_id":false}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync(Role + "/bind-secret-id", """{"bind_secret_id":false}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync(Role, """{"bind_secret_id":false,"secret_id_bound_cidrs":"127.0.0.0/8"}""")).Status);
        Assert.Equal(400, (await vault.DeleteAsync(Role + "/secret-id-bound-cidrs")).Status);
        Assert.Equal(200, (await vault.LoginAsync(await vault.RoleIdAsync(), null)).Status);
        Assert.Equal(400, (await vault.WriteAsync(Role + "/secret-id")).Status);
        await vault.WriteAsync(Role, """{"secret_id_bound_cidrs":"10.0.0.0/8"}""");
        Assert.Equal("invalid role or secret ID", (await vault.LoginAsync(await vault.RoleIdAsync(), null)).Error);
    }

    [Fact]
    public async Task Login_fromOutsideTheCidrsOfRoleOrSecretId_looksLikeAWrongSecretId()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        string roleId = await vault.RoleIdAsync();
        (string narrow, _) = await vault.SecretIdAsync("a", """{"cidr_list":"10.0.0.0/8"}""");
        (string wide, _) = await vault.SecretIdAsync();
        Assert.Equal("invalid role or secret ID", (await vault.LoginAsync(roleId, narrow)).Error);
        Assert.Equal(200, (await vault.LoginAsync(roleId, wide)).Status);
        await vault.WriteAsync(Role, """{"secret_id_bound_cidrs":"10.0.0.0/8"}""");
        Assert.Equal("invalid role or secret ID", (await vault.LoginAsync(roleId, wide)).Error);
    }

    [Fact]
    public async Task TokenBounds_ofASecretId_giveWayToNarrowerOnesOfTheRole()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        string roleId = await vault.RoleIdAsync();
        (string id, _) = await vault.SecretIdAsync("a", """{"token_bound_cidrs":"127.0.0.1"}""");
        string token = (await vault.LoginAsync(roleId, id)).Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
        Assert.Equal(["127.0.0.1"], (await vault.ReadAsync("auth/token/lookup-self", token)).Data.Strings("bound_cidrs"));
        await vault.WriteAsync(Role, """{"token_bound_cidrs":"10.0.0.0/8"}""");
        Assert.Equal(403, (await vault.LoginAsync(roleId, id)).Status);
    }

    [Fact]
    public async Task RoleId_isChangedAndUnique()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        string old = await vault.RoleIdAsync();
        (string id, _) = await vault.SecretIdAsync();
        Assert.Equal(204, (await vault.WriteAsync(Role + "/role-id", """{"role_id":"my-app"}""")).Status);
        Assert.Equal("my-app", await vault.RoleIdAsync());
        Assert.Equal(200, (await vault.LoginAsync("my-app", id)).Status);
        Assert.Equal(400, (await vault.LoginAsync(old, id)).Status);
        Assert.Equal(400, (await vault.WriteAsync("auth/approle/role/b", """{"role_id":"my-app"}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync("auth/approle/role/b", $$"""{"role_id":"{{old}}"}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("auth/approle/role/b/role-id", """{"role_id":"my-app"}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("auth/approle/role/b/role-id", """{"role_id":"has space"}""")).Status);
        await vault.DeleteAsync(Role);
        Assert.Equal(204, (await vault.WriteAsync("auth/approle/role/b/role-id", """{"role_id":"my-app"}""")).Status);
    }

    [Fact]
    public async Task Role_ofTheSameNameAgain_takesNoOldSecretId()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync("""{"role_id":"fixed"}""");
        (string id, _) = await vault.SecretIdAsync();
        Assert.Equal(200, (await vault.LoginAsync("fixed", id)).Status);
        await vault.DeleteAsync(Role);
        await vault.RoleAsync("a", """{"role_id":"fixed"}""");
        Assert.Equal(400, (await vault.LoginAsync("fixed", id)).Status);
        Assert.Equal(404, (await vault.ListAsync(Role + "/secret-id")).Status);
    }

    [Fact]
    public async Task Row043_RoleNames_areOneNameInEveryLetterCase()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        await vault.RoleAsync("MIXED", """{"token_policies":"dev"}""");
        Assert.Equal(["a", "mixed"], (await vault.ListAsync("auth/approle/role")).Data.Strings("keys"));
        Assert.Equal(await vault.RoleIdAsync("mixed"), await vault.RoleIdAsync("Mixed"));
        await vault.PolicyAsync("deputy", """path "auth/approle/role/*" { capabilities = ["update","read"] } path "auth/approle/role/mixed/*" { capabilities = ["read"] }""");
        string token = await vault.TokenAsync("""{"policies":["deputy"]}""");
        foreach (string name in new[] { "mixed", "MIXED", "Mixed" })
        {
            Assert.Equal(403, (await vault.WriteAsync($"auth/approle/role/{name}/secret-id", "{}", token)).Status);
            Assert.Equal(403, (await vault.WriteAsync($"auth/approle/role/{name}/policies", """{"token_policies":"admin"}""", token)).Status);
        }
        Assert.Equal(200, (await vault.WriteAsync("auth/approle/role/a/secret-id", "{}", token)).Status);
    }

    [Fact]
    public async Task LocalSecretIds_areSettledWhenTheRoleIsMade()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync(Role, """{"local_secret_ids":true}""")).Status);
        await vault.RoleAsync("local", """{"local_secret_ids":true}""");
        Assert.Equal("true", (await vault.ReadAsync("auth/approle/role/local/local-secret-ids")).Data.GetProperty("local_secret_ids").GetRawText());
        Assert.Equal(204, (await vault.WriteAsync("auth/approle/role/local", """{"local_secret_ids":true,"token_ttl":60}""")).Status);
    }

    [Fact]
    public async Task LegacyNames_setTheSameAsTheNewOnes()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        Assert.Equal(204, (await vault.WriteAsync(Role, """{"policies":"x,y","period":"5m","bound_cidr_list":"10.0.0.0/8"}""")).Status);
        JsonElement data = (await vault.ReadAsync(Role)).Data;
        Assert.Equal((300, 300), (data.GetProperty("token_period").GetInt32(), data.GetProperty("period").GetInt32()));
        Assert.Equal(["x", "y"], data.Strings("token_policies"));
        Assert.Equal(["10.0.0.0/8"], data.Strings("secret_id_bound_cidrs"));
    }
}
