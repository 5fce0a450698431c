using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

public sealed class LoginTokensTests
{
    private const string Login = "auth/door/login/ann";

    [Fact]
    public async Task Login_getsATokenOnItsTerms()
    {
        await using TestVault vault = await StartAsync();
        JsonElement auth = await vault.AuthAsync("""{"token_policies":"b,a","token_ttl":"1h","token_num_uses":4}""", "", Login);
        Assert.Equal(["a", "b", "default"], auth.Strings("policies"));
        Assert.Equal((3600, 4), (auth.GetProperty("lease_duration").GetInt32(), auth.GetProperty("num_uses").GetInt32()));
        Assert.True(auth.GetProperty("orphan").GetBoolean());
        Assert.True(auth.GetProperty("renewable").GetBoolean());
        Assert.Equal("ann", auth.GetProperty("metadata").GetProperty("name").GetString());
        JsonElement shown = (await vault.WriteAsync("auth/token/lookup", $$"""{"token":"{{auth.GetProperty("client_token").GetString()}}"}""")).Data;
        Assert.Equal((Login, "door-ann"), (shown.GetProperty("path").GetString(), shown.GetProperty("display_name").GetString()));
    }

    [Theory]
    [InlineData("""{"token_ttl":"5h","token_max_ttl":"5h","token_explicit_max_ttl":"2h"}""", 7200)]
    [InlineData("""{"token_ttl":"500h"}""", 360_000)]
    [InlineData("{}", 36_000)]
    [InlineData("""{"token_period":"3h","token_ttl":"1h"}""", 10_800)]
    public async Task Login_ttl_isCappedByRoleAndMount(string terms, int seconds)
    {
        await using TestVault vault = await StartAsync(""","config":{"default_lease_ttl":"10h","max_lease_ttl":"100h"}""");
        Assert.Equal(seconds, (await vault.AuthAsync(terms, "", Login)).GetProperty("lease_duration").GetInt32());
    }

    [Fact]
    public async Task Login_withoutDefaultPolicy_hasNone()
    {
        await using TestVault vault = await StartAsync();
        Assert.Equal(["a"], (await vault.AuthAsync("""{"token_policies":"a","token_no_default_policy":true}""", "", Login)).Strings("policies"));
    }

    [Fact]
    public async Task Login_batch_storesNothing()
    {
        await using TestVault vault = await StartAsync();
        int before = await TokensAsync(vault);
        JsonElement auth = await vault.AuthAsync("""{"token_type":"batch","token_ttl":"1h"}""", "", Login);
        string token = auth.GetProperty("client_token").GetString() ?? "";
        Assert.StartsWith("hvb.", token, StringComparison.Ordinal);
        Assert.Equal(("batch", "", false), (auth.GetProperty("token_type").GetString(), auth.GetProperty("accessor").GetString(), auth.GetProperty("renewable").GetBoolean()));
        Assert.Equal(before, await TokensAsync(vault));
        Assert.Equal("batch", (await vault.ReadAsync("auth/token/lookup-self", token)).Data.GetProperty("type").GetString());
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.True(await vault.IsAliveAsync(token));
        Assert.False(await vault.IsAliveAsync(token[..^2] + (token[^2] == 'A' ? "B" : "A") + token[^1]));
        vault.Time.Advance(TimeSpan.FromHours(1));
        Assert.False(await vault.IsAliveAsync(token));
    }

    [Fact]
    public async Task Login_mountThatForcesBatch_winsOverTheRole()
    {
        await using TestVault vault = await StartAsync(""","config":{"token_type":"batch"}""");
        Assert.Equal("batch", (await vault.AuthAsync("""{"token_type":"service"}""", "", Login)).GetProperty("token_type").GetString());
        Assert.Equal(400, (await vault.WriteAsync(Login, """{"token_num_uses":3}""", "")).Status);
    }

    [Fact]
    public async Task Login_fromOutsideTheBoundCidrs_isRefused()
    {
        await using TestVault vault = await StartAsync();
        int before = await TokensAsync(vault);
        Assert.Equal(403, (await vault.WriteAsync(Login, """{"token_bound_cidrs":"10.0.0.0/8"}""", "")).Status);
        Assert.Equal(before, await TokensAsync(vault));
    }

    /// <summary>CVE-2026-46405: an answer that holds a login and an error must leave no token behind.</summary>
    [Fact]
    public async Task Row035_loginWithError_leavesNoToken()
    {
        await using TestVault vault = await StartAsync();
        int before = await TokensAsync(vault);
        TestResponse response = await vault.WriteAsync(Login, """{"refuse":true}""", "");
        Assert.Equal((400, "refused"), (response.Status, response.Error));
        Assert.False(response.Json.TryGetProperty("auth", out _));
        Assert.Equal(before, await TokensAsync(vault));
    }

    [Theory]
    [InlineData("root")]
    [InlineData("RooT")]
    [InlineData("response-wrapping")]
    public async Task Login_withPolicyThatNoRoleMayGive_isRefused(string policy)
    {
        await using TestVault vault = await StartAsync();
        Assert.Equal(400, (await vault.WriteAsync(Login, $$"""{"token_policies":"{{policy}}"}""", "")).Status);
    }

    [Fact]
    public async Task Mount_disabled_revokesTheTokensOfItsLogins()
    {
        await using TestVault vault = await StartAsync();
        string token = await vault.TokenAsync("{}", "", Login);
        string other = await vault.TokenAsync("""{"policies":"default"}""");
        Assert.True(await vault.IsAliveAsync(token));
        await vault.DeleteAsync("sys/auth/door");
        Assert.False(await vault.IsAliveAsync(token));
        Assert.True(await vault.IsAliveAsync(other));
    }

    [Theory]
    [InlineData("""{"token_ttl":"2h","token_max_ttl":"1h"}""", "'token_ttl' cannot be greater than 'token_max_ttl'")]
    [InlineData("""{"token_type":"batch","token_period":"1h"}""", "'token_type' cannot be 'batch' or 'default_batch' when set to generate periodic tokens")]
    [InlineData("""{"token_type":"default-batch","token_num_uses":1}""", "'token_type' cannot be 'batch' or 'default_batch' when set to generate tokens with limited use count")]
    [InlineData("""{"token_bound_cidrs":"10.0.0.0/99"}""", "error parsing bound CIDRs: expected addresses or blocks such as 10.0.0.0/8")]
    [InlineData("""{"token_ttl":"-1s"}""", "'token_ttl' must not be negative")]
    public async Task Terms_thatContradict_areRefused(string terms, string error)
    {
        await using TestVault vault = await StartAsync();
        Assert.Equal(error, (await vault.WriteAsync(Login, terms, "")).Error);
    }

    private static async Task<TestVault> StartAsync(string more = "")
    {
        TestVault vault = await TestVault.StartAsync(backends: b => b.AuthMethod("open", (_, _) => new OpenDoorAuth()));
        TestResponse enabled = await vault.WriteAsync("sys/auth/door", """{"type":"open" """ + more + "}");
        Assert.Equal(204, enabled.Status);
        return vault;
    }

    private static async Task<int> TokensAsync(TestVault vault) =>
        (await vault.Kernel().Barrier.ListKeysAsync("sys/token/", "", 10_000, CancellationToken.None)).Count;
}
