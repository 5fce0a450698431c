using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Contract;

/// <summary>What a method's account (user, role) needs to be tested.</summary>
/// <param name="Config">Path of the account's own configuration: read, written, deleted.</param>
/// <param name="Login">Path of the login.</param>
/// <param name="Good">Body of a login that succeeds.</param>
/// <param name="Wrong">Body of a login of the same account with wrong proof, and its path.</param>
/// <param name="Unknown">Body of a login of an account that does not exist, and its path.</param>
/// <param name="Secrets">Texts that no error and no read of the configuration may show.</param>
public sealed record TestAccount(
    string Config, string Login, string Good, (string Path, string Body) Wrong, (string Path, string Body) Unknown, IReadOnlyList<string> Secrets);

/// <summary>What every auth method promises about its logins, beyond <see cref="BackendContract"/>.</summary>
public abstract class AuthMethodContract
{
    protected abstract string Type { get; }

    protected string Mount => $"auth/{Type}-under-test/";

    /// <summary>Makes the account <c>worker</c> with these <c>token_*</c> members, for example <c>"token_ttl":60</c>.</summary>
    protected abstract Task<TestAccount> CreateAccountAsync(TestVault vault, string terms);

    /// <summary>A method without lockout answers wrong credentials the same way for ever.</summary>
    protected virtual bool HasLockout => true;

    /// <summary>A token is not renewed when its account has other policies by now.</summary>
    protected virtual bool FollowsPolicies => true;

    [Fact]
    public async Task Login_withGoodCredentials_givesTheTokenOfTheAccount()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["Ops","dev"],"token_ttl":"10m","token_max_ttl":"1h" """);
        JsonElement auth = await LoginAsync(vault, account);
        Assert.Equal(["default", "dev", "ops"], Strings(auth, "policies"));
        Assert.Equal(600, auth.GetProperty("lease_duration").GetInt32());
        Assert.True(auth.GetProperty("renewable").GetBoolean());
        Assert.Equal("service", auth.GetProperty("token_type").GetString());
        Assert.NotEmpty(auth.GetProperty("metadata").EnumerateObject());
        string token = TokenOf(auth);
        string entity = auth.GetProperty("entity_id").GetString() ?? "";
        Assert.NotEmpty(entity);
        Assert.Equal(entity, (await LoginAsync(vault, account)).GetProperty("entity_id").GetString());
        Assert.Equal(200, (await vault.ReadAsync("identity/entity/id/" + entity)).Status);
        JsonElement self = (await vault.ReadAsync("auth/token/lookup-self", token)).Data;
        Assert.StartsWith(account.Login, self.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.True(self.GetProperty("orphan").GetBoolean());
    }

    [Fact]
    public async Task Login_wrongAndUnknown_haveTheSameAnswer()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        TestResponse wrong = await vault.WriteAsync(account.Wrong.Path, account.Wrong.Body, "");
        TestResponse unknown = await vault.WriteAsync(account.Unknown.Path, account.Unknown.Body, "");
        Assert.Equal(400, wrong.Status);
        Assert.Equal(400, unknown.Status);
        Assert.Equal(wrong.Text, unknown.Text);
        Assert.DoesNotContain("auth", wrong.Json.EnumerateObject().Select(m => m.Name));
    }

    [Fact]
    public async Task Login_withoutParameters_namesNothingOfTheAccount()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        TestResponse known = await vault.WriteAsync(account.Login, "{}", "");
        TestResponse unknown = await vault.WriteAsync(account.Unknown.Path, "{}", "");
        Assert.Equal(400, known.Status);
        Assert.Equal(known.Text, unknown.Text);
    }

    [Fact]
    public async Task Login_failedTooOften_isLockedForKnownAndUnknownAlike()
    {
        if (!HasLockout)
            return;
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        foreach ((string path, string body) in new[] { account.Wrong, account.Unknown })
        {
            for (int i = 0; i < 5; i++)
                Assert.Equal(400, (await vault.WriteAsync(path, body, "")).Status);
            TestResponse locked = await vault.WriteAsync(path, body, "");
            Assert.Equal((403, "1 error occurred:\n\t* permission denied\n\n"), (locked.Status, locked.Error));
        }
        Assert.Equal(403, (await vault.WriteAsync(account.Login, account.Good, "")).Status);
        vault.Time.Advance(TimeSpan.FromMinutes(16));
        await LoginAsync(vault, account);
    }

    [Fact]
    public async Task Secrets_areInNoErrorAndNoConfiguration()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        string[] answers =
        [
            (await vault.ReadAsync(account.Config)).Text,
            (await vault.WriteAsync(account.Login, account.Good.Replace("}", ",\"x\":[}", StringComparison.Ordinal), "")).Text,
            (await vault.WriteAsync(account.Unknown.Path, account.Unknown.Body, "")).Text,
            (await vault.WriteAsync(account.Wrong.Path, account.Wrong.Body, "")).Text,
            (await vault.SendAsync(Operation.Help, account.Login)).Text,
        ];
        foreach (string secret in account.Secrets)
            Assert.All(answers, a => Assert.DoesNotContain(secret, a, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("root")]
    [InlineData("ROOT")]
    [InlineData("response-wrapping")]
    public async Task Policy_thatNoLoginMayGive_isRefused(string policy)
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        Assert.Equal(400, (await vault.WriteAsync(account.Config, $$"""{"token_policies":["{{policy}}"]}""")).Status);
        Assert.Equal(["default", "dev"], Strings(await LoginAsync(vault, account), "policies"));
    }

    [Fact]
    public async Task TokenParameters_areKeptAndShown()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """
            "token_bound_cidrs":["127.0.0.0/8","10.1.0.0/16"],"token_explicit_max_ttl":7200,"token_max_ttl":"1h","token_no_default_policy":true,
            "token_num_uses":7,"token_period":0,"token_policies":"b,a","token_ttl":"30s","token_type":"service"
            """);
        JsonElement data = (await vault.ReadAsync(account.Config)).Data;
        Assert.Equal(["127.0.0.0/8", "10.1.0.0/16"], Strings(data, "token_bound_cidrs"));
        Assert.Equal(7200, data.GetProperty("token_explicit_max_ttl").GetInt32());
        Assert.Equal(3600, data.GetProperty("token_max_ttl").GetInt32());
        Assert.True(data.GetProperty("token_no_default_policy").GetBoolean());
        Assert.Equal(7, data.GetProperty("token_num_uses").GetInt32());
        Assert.Equal(0, data.GetProperty("token_period").GetInt32());
        Assert.Equal(["a", "b"], Strings(data, "token_policies"));
        Assert.Equal(30, data.GetProperty("token_ttl").GetInt32());
        Assert.Equal("service", data.GetProperty("token_type").GetString());
        JsonElement auth = await LoginAsync(vault, account);
        Assert.Equal((7, 30), (auth.GetProperty("num_uses").GetInt32(), auth.GetProperty("lease_duration").GetInt32()));
        Assert.Equal(["a", "b"], Strings(auth, "policies"));
        Assert.Equal(204, (await vault.WriteAsync(account.Config, """{"token_ttl":"40s"}""")).Status);
        JsonElement changed = (await vault.ReadAsync(account.Config)).Data;
        Assert.Equal((40, 7), (changed.GetProperty("token_ttl").GetInt32(), changed.GetProperty("token_num_uses").GetInt32()));
    }

    [Fact]
    public async Task Login_fromOutsideTheBoundCidrs_isRefused()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_bound_cidrs":"10.0.0.0/8" """);
        Assert.Equal(403, (await vault.WriteAsync(account.Login, account.Good, "")).Status);
        await vault.WriteAsync(account.Config, """{"token_bound_cidrs":["127.0.0.1"]}""");
        await LoginAsync(vault, account);
    }

    [Fact]
    public async Task Token_withLimitedUses_endsAfterThem()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_num_uses":2 """);
        string token = TokenOf(await LoginAsync(vault, account));
        Assert.Equal(200, (await vault.ReadAsync("auth/token/lookup-self", token)).Status);
        Assert.Equal(200, (await vault.ReadAsync("auth/token/lookup-self", token)).Status);
        Assert.Equal(403, (await vault.ReadAsync("auth/token/lookup-self", token)).Status);
    }

    [Fact]
    public async Task Token_ofTypeBatch_isNotRenewable()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_type":"batch" """);
        JsonElement auth = await LoginAsync(vault, account);
        Assert.Equal("batch", auth.GetProperty("token_type").GetString());
        Assert.False(auth.GetProperty("renewable").GetBoolean());
        Assert.Equal(400, (await vault.WriteAsync("auth/token/renew-self", "{}", TokenOf(auth))).Status);
        Assert.Equal(400, (await vault.WriteAsync(account.Config, """{"token_num_uses":3}""")).Status);
    }

    [Fact]
    public async Task Token_isRenewedWithTheTermsOfNow()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"],"token_ttl":"10m","token_max_ttl":"1h" """);
        string token = TokenOf(await LoginAsync(vault, account));
        vault.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(600, await RenewAsync(vault, token));
        await vault.WriteAsync(account.Config, """{"token_ttl":"20m"}""");
        Assert.Equal(1200, await RenewAsync(vault, token));
        await vault.WriteAsync(account.Config, """{"token_policies":["dev","more"]}""");
        TestResponse refused = await vault.WriteAsync("auth/token/renew-self", "{}", token);
        if (FollowsPolicies)
            Assert.Equal((400, "policies have changed, not renewing"), (refused.Status, refused.Error));
        else
            Assert.Equal(["default", "dev"], Strings(refused.Json.GetProperty("auth"), "policies"));
    }

    [Fact]
    public async Task Token_afterDeletionOfTheAccount_isNotRenewed()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        string token = TokenOf(await LoginAsync(vault, account));
        Assert.Equal(204, (await vault.DeleteAsync(account.Config)).Status);
        Assert.True((await vault.WriteAsync("auth/token/renew-self", "{}", token)).Status is 400 or 403);
        Assert.Equal(400, (await vault.WriteAsync(account.Login, account.Good, "")).Status);
        Assert.Equal(404, (await vault.ReadAsync(account.Config)).Status);
    }

    [Fact]
    public async Task Account_ofTheSameNameAgain_renewsNoOldToken()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        string token = TokenOf(await LoginAsync(vault, account));
        await vault.DeleteAsync(account.Config);
        TestAccount again = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        Assert.True((await vault.WriteAsync("auth/token/renew-self", "{}", token)).Status is 400 or 403);
        await LoginAsync(vault, again);
    }

    [Fact]
    public async Task Configuration_inAnotherLetterCase_needsTheRightToTheStoredName()
    {
        await using TestVault vault = await StartAsync();
        TestAccount account = await CreateAccountAsync(vault, """ "token_policies":["dev"] """);
        int slash = account.Config.LastIndexOf('/');
        string folder = account.Config[..(slash + 1)];
        string policy = $$"""path "{{folder}}*" { capabilities = ["create","read","update","delete"] } path "{{account.Config}}" { capabilities = ["read"] }""";
        await vault.WriteAsync("sys/policies/acl/keeper", JsonSerializer.Serialize(new { policy }));
        string token = TokenOf((await vault.WriteAsync("auth/token/create", """{"policies":["keeper"]}""")).Json.GetProperty("auth"));
        string upper = folder + account.Config[(slash + 1)..].ToUpperInvariant();
        Assert.Equal(403, (await vault.WriteAsync(account.Config, """{"token_ttl":60}""", token)).Status);
        Assert.Equal(403, (await vault.WriteAsync(upper, """{"token_ttl":60}""", token)).Status);
        Assert.Equal(403, (await vault.DeleteAsync(upper, token)).Status);
        Assert.Equal(200, (await vault.ReadAsync(upper, token)).Status);
        Assert.Equal(204, (await vault.WriteAsync(upper, """{"token_ttl":60}""")).Status);
        Assert.Equal(60, (await vault.ReadAsync(account.Config)).Data.GetProperty("token_ttl").GetInt32());
    }

    protected async Task<TestVault> StartAsync()
    {
        TestVault vault = await TestVault.StartAsync();
        TestResponse enabled = await vault.WriteAsync("sys/" + Mount.TrimEnd('/'), $$"""{"type":"{{Type}}"}""");
        Assert.True(enabled.Status == 204, enabled.Text);
        return vault;
    }

    protected static async Task<JsonElement> LoginAsync(TestVault vault, TestAccount account)
    {
        TestResponse response = await vault.WriteAsync(account.Login, account.Good, "");
        Assert.True(response.Status == 200, $"{response.Status} {response.Text}");
        return response.Json.GetProperty("auth");
    }

    private static async Task<int> RenewAsync(TestVault vault, string token)
    {
        TestResponse response = await vault.WriteAsync("auth/token/renew-self", "{}", token);
        Assert.True(response.Status == 200, response.Text);
        return response.Json.GetProperty("auth").GetProperty("lease_duration").GetInt32();
    }

    protected static string TokenOf(JsonElement auth) => auth.GetProperty("client_token").GetString() ?? "";

    protected static string[] Strings(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetString() ?? "")];
}
