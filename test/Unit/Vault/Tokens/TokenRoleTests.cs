using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Tokens;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class TokenRoleTests
{
    [Fact]
    public async Task Role_writtenTwice_keepsWhatTheSecondDoesNotName()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(204, (await vault.WriteAsync("auth/token/roles/ci", """{"allowed_policies":"a,b","token_period":"1h"}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync("auth/token/roles/ci", """{"orphan":true}""")).Status);
        JsonElement role = (await vault.ReadAsync("auth/token/roles/ci")).Data;
        Assert.Equal(["a", "b"], role.Strings("allowed_policies"));
        Assert.Equal(3600, role.GetProperty("token_period").GetInt32());
        Assert.True(role.GetProperty("orphan").GetBoolean());
        Assert.True(role.GetProperty("renewable").GetBoolean());
        Assert.Equal("default-service", role.GetProperty("token_type").GetString());
        Assert.Equal(["ci"], (await vault.ListAsync("auth/token/roles")).Data.Strings("keys"));
        Assert.Equal(204, (await vault.DeleteAsync("auth/token/roles/ci")).Status);
        Assert.Equal(404, (await vault.ReadAsync("auth/token/roles/ci")).Status);
    }

    [Theory]
    [InlineData("""{"allowed_policies":"a,b"}""", """{"policies":"a"}""", "a,default", "")]
    [InlineData("""{"allowed_policies":"a,b"}""", "{}", "a,b,default", "")]
    [InlineData("""{"allowed_policies":"a,b"}""", """{"policies":"c"}""", "", "token policies must be subset of the role's allowed policies or glob policies")]
    [InlineData("""{"allowed_policies_glob":"team-*"}""", """{"policies":"team-x"}""", "default,team-x", "")]
    [InlineData("""{"disallowed_policies":"admin"}""", """{"policies":"admin"}""", "", "token policy \"admin\" is disallowed by this role")]
    [InlineData("""{"disallowed_policies_glob":"ADM*"}""", """{"policies":"admin"}""", "", "token policy \"admin\" is disallowed by this role")]
    [InlineData("""{"allowed_policies":"a","disallowed_policies":"default"}""", "{}", "a", "")]
    [InlineData("""{"allowed_policies":"a","token_no_default_policy":true}""", "{}", "a", "")]
    [InlineData("{}", """{"policies":"root"}""", "", "root is never given by a role: name the policies of the token, or set allowed_policies of the role")]
    [InlineData("""{"allowed_policies_glob":"*"}""", """{"policies":"root"}""", "", "root is never given by a role: name the policies of the token, or set allowed_policies of the role")]
    public async Task Role_decidesAboutPolicies(string role, string create, string policies, string error)
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("auth/token/roles/r", role);
        TestResponse response = await vault.WriteAsync("auth/token/create/r", create);
        if (error.Length > 0)
            Assert.Equal(error, response.Error);
        else
            Assert.Equal(policies, string.Join(',', response.Json.GetProperty("auth").Strings("policies")));
    }

    [Fact]
    public async Task Role_holdingRoot_isRefused()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync("auth/token/roles/r", """{"allowed_policies":"ROOT"}""")).Status);
    }

    [Fact]
    public async Task Role_shapesItsTokens()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("auth/token/roles/r", """{"allowed_policies":"a","orphan":true,"path_suffix":"ci","token_num_uses":7,"token_explicit_max_ttl":"2h","token_bound_cidrs":"127.0.0.0/8","renewable":false}""");
        JsonElement auth = await vault.AuthAsync("""{"num_uses":9}""", null, "auth/token/create/r");
        Assert.True(auth.GetProperty("orphan").GetBoolean());
        Assert.Equal(7, auth.GetProperty("num_uses").GetInt32());
        Assert.Equal(7200, auth.GetProperty("lease_duration").GetInt32());
        Assert.False(auth.GetProperty("renewable").GetBoolean());
        JsonElement shown = (await vault.WriteAsync("auth/token/lookup-accessor", $$"""{"accessor":"{{auth.GetProperty("accessor").GetString()}}"}""")).Data;
        Assert.Equal("auth/token/create/r/ci", shown.GetProperty("path").GetString());
        Assert.Equal("r", shown.GetProperty("role").GetString());
        Assert.Equal(["127.0.0.0/8"], shown.Strings("bound_cidrs"));
        Assert.Equal("", shown.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Role_periodIsReadAtRenewal_andItsRemovalEndsRenewals()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("auth/token/roles/r", """{"allowed_policies":"a","token_period":"1h"}""");
        string token = await vault.TokenAsync("{}", null, "auth/token/create/r");
        await vault.WriteAsync("auth/token/roles/r", """{"token_period":"2h"}""");
        Assert.Equal(7200, (await vault.WriteAsync("auth/token/renew-self", "{}", token)).Json.GetProperty("auth").GetProperty("lease_duration").GetInt32());
        await vault.DeleteAsync("auth/token/roles/r");
        Assert.Equal("original token role \"r\" could not be found, not renewing", (await vault.WriteAsync("auth/token/renew-self", "{}", token)).Error);
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("team-*", "team-", true)]
    [InlineData("team-*", "tea", false)]
    [InlineData("*-admin", "db-admin", true)]
    [InlineData("a*b*c", "aXXbYYc", true)]
    [InlineData("a*b*c", "aXXcYYb", false)]
    [InlineData("exact", "exact", true)]
    [InlineData("exact", "exactly", false)]
    [InlineData("", "", true)]
    public void Glob_matches(string pattern, string text, bool expected) => Assert.Equal(expected, TokenRole.Matches(pattern, text));
}
