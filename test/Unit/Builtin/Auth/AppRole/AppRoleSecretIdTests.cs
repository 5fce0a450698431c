using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Auth.AppRole;

public sealed class AppRoleSecretIdTests
{
    private const string Role = "auth/approle/role/a/";

    [Fact]
    public async Task Row033_Accessor_ofAnotherRole_is404AndTheSecretIdLives()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        await vault.RoleAsync("b");
        (string id, string accessor) = await vault.SecretIdAsync("b");
        string body = JsonSerializer.Serialize(new { secret_id_accessor = accessor });
        string text = JsonSerializer.Serialize(new { secret_id = id });
        Assert.Equal(404, (await vault.WriteAsync(Role + "secret-id-accessor/lookup", body)).Status);
        Assert.Equal(404, (await vault.WriteAsync(Role + "secret-id-accessor/destroy", body)).Status);
        Assert.Equal(404, (await vault.SendAsync(Operation.Delete, Role + "secret-id-accessor/destroy", body)).Status);
        Assert.Equal(204, (await vault.WriteAsync(Role + "secret-id/lookup", text)).Status);
        Assert.Equal(204, (await vault.WriteAsync(Role + "secret-id/destroy", text)).Status);
        Assert.Equal(200, (await vault.LoginAsync(await vault.RoleIdAsync("b"), id)).Status);
        Assert.Equal(400, (await vault.LoginAsync(await vault.RoleIdAsync("a"), id)).Status);
        Assert.Equal(204, (await vault.WriteAsync("auth/approle/role/b/secret-id-accessor/destroy", body)).Status);
        Assert.Equal(400, (await vault.LoginAsync(await vault.RoleIdAsync("b"), id)).Status);
    }

    [Fact]
    public async Task Row034_SecretId_expired_isRefusedWithoutTidy()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync("""{"secret_id_ttl":"10m"}""");
        string roleId = await vault.RoleIdAsync();
        (string id, string accessor) = await vault.SecretIdAsync();
        vault.Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await vault.LoginAsync(roleId, id)).Status);
        vault.Time.Advance(TimeSpan.FromSeconds(1));
        TestResponse expired = await vault.LoginAsync(roleId, id);
        Assert.Equal((400, "invalid role or secret ID"), (expired.Status, expired.Error));
        Assert.Equal(404, (await vault.WriteAsync(Role + "secret-id-accessor/lookup", JsonSerializer.Serialize(new { secret_id_accessor = accessor }))).Status);
        await vault.WriteAsync(Role + "secret-id-ttl", """{"secret_id_ttl":0}""");
        Assert.Equal(400, (await vault.LoginAsync(roleId, id)).Status);
    }

    [Fact]
    public async Task SecretId_expired_isNotRevivedByAClockThatIsSetBack()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        (string id, _) = await vault.SecretIdAsync("a", """{"ttl":"10m"}""");
        vault.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(400, (await vault.LoginAsync(await vault.RoleIdAsync(), id)).Status);
        vault.Time.JumpWallClock(TimeSpan.FromHours(-1));
        Assert.Equal(400, (await vault.LoginAsync(await vault.RoleIdAsync(), id)).Status);
    }

    [Fact]
    public async Task Uses_ofASecretId_areExactWhenManyLogInAtOnce()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync("""{"secret_id_num_uses":5}""");
        await vault.WriteAsync("sys/auth/approle/tune", """{"user_lockout_config":{"lockout_disable":true}}""");
        string roleId = await vault.RoleIdAsync();
        (string id, _) = await vault.SecretIdAsync();
        TestResponse[] logins = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Task.Run(() => vault.LoginAsync(roleId, id))));
        Assert.Equal(5, logins.Count(l => l.Status == 200));
        Assert.Equal(19, logins.Count(l => l.Status == 400));
        Assert.Equal(404, (await vault.ListAsync(Role + "secret-id")).Status);
    }

    [Fact]
    public async Task Lookup_showsTheTermsAndNotTheSecretId()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync("""{"secret_id_num_uses":3,"secret_id_ttl":"1h","secret_id_bound_cidrs":"127.0.0.0/8","token_bound_cidrs":"127.0.0.0/8"}""");
        (string id, string accessor) = await vault.SecretIdAsync("a", """{"metadata":"{\"team\":\"ops\",\"role_name\":\"forged\"}","num_uses":2,"ttl":"30m","cidr_list":["127.0.0.1"],"token_bound_cidrs":"127.0.0.0/16"}""");
        TestResponse login = await vault.LoginAsync(await vault.RoleIdAsync(), id);
        Assert.Equal("""{"role_name":"a","team":"ops"}""", login.Json.GetProperty("auth").GetProperty("metadata").GetRawText());
        TestResponse byId = await vault.WriteAsync(Role + "secret-id/lookup", JsonSerializer.Serialize(new { secret_id = id }));
        TestResponse byAccessor = await vault.WriteAsync(Role + "secret-id-accessor/lookup", JsonSerializer.Serialize(new { secret_id_accessor = accessor }));
        Assert.Equal(byId.Data.GetRawText(), byAccessor.Data.GetRawText());
        Assert.DoesNotContain(id, byId.Text, StringComparison.Ordinal);
        JsonElement data = byId.Data;
        Assert.Equal((1, 1800), (data.GetProperty("secret_id_num_uses").GetInt32(), data.GetProperty("secret_id_ttl").GetInt32()));
        Assert.Equal("""["127.0.0.1"]""", data.GetProperty("cidr_list").GetRawText());
        Assert.Equal("""["127.0.0.0/16"]""", data.GetProperty("token_bound_cidrs").GetRawText());
        Assert.Equal(data.GetProperty("creation_time").GetDateTimeOffset() + TimeSpan.FromMinutes(30), data.GetProperty("expiration_time").GetDateTimeOffset());
        Assert.Equal(accessor, data.GetProperty("secret_id_accessor").GetString());
        Assert.Equal([accessor], (await vault.ListAsync(Role + "secret-id")).Data.Strings("keys"));
    }

    [Theory]
    [InlineData("""{"num_uses":0}""")]
    [InlineData("""{"num_uses":4}""")]
    [InlineData("""{"ttl":0}""")]
    [InlineData("""{"ttl":"2h"}""")]
    [InlineData("""{"cidr_list":"0.0.0.0/0"}""")]
    [InlineData("""{"cidr_list":"10.0.0.0/7"}""")]
    [InlineData("""{"token_bound_cidrs":"::1"}""")]
    [InlineData("""{"cidr_list":"not-an-address"}""")]
    public async Task SecretId_thatGoesBeyondItsRole_isRefused(string json)
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync("""{"secret_id_num_uses":3,"secret_id_ttl":"1h","secret_id_bound_cidrs":"10.0.0.0/8","token_bound_cidrs":"10.0.0.0/8"}""");
        Assert.Equal(400, (await vault.WriteAsync(Role + "secret-id", json)).Status);
        Assert.Equal(404, (await vault.ListAsync(Role + "secret-id")).Status);
    }

    [Fact]
    public async Task SecretId_chosen_worksOnceRegistered()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync(Role + "custom-secret-id")).Status);
        TestResponse made = await vault.WriteAsync(Role + "custom-secret-id", """{"secret_id":"chosen \u00fc"}""");
        Assert.Equal((200, "chosen ü"), (made.Status, made.Data.GetProperty("secret_id").GetString()));
        Assert.Equal(400, (await vault.WriteAsync(Role + "custom-secret-id", """{"secret_id":"chosen ü"}""")).Status);
        Assert.Equal(200, (await vault.LoginAsync(await vault.RoleIdAsync(), "chosen ü")).Status);
        Assert.Equal(204, (await vault.WriteAsync(Role + "secret-id/destroy", """{"secret_id":"chosen ü"}""")).Status);
        Assert.Equal(400, (await vault.LoginAsync(await vault.RoleIdAsync(), "chosen ü")).Status);
    }

    [Fact]
    public async Task SecretId_isInStorageOnlyAsAHash()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        (string id, _) = await vault.SecretIdAsync();
        foreach (string key in await vault.Kernel().Barrier.ListKeysAsync("auth/", "", 1_000, CancellationToken.None))
        {
            Assert.DoesNotContain(id, key, StringComparison.Ordinal);
            byte[] plaintext = (await vault.Kernel().Barrier.GetAsync(key, CancellationToken.None))?.Plaintext ?? [];
            Assert.DoesNotContain(id, System.Text.Encoding.UTF8.GetString(plaintext), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SecretId_wrapped_showsItsAccessor()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        TestResponse wrapped = await vault.SendAsync(Operation.Update, Role + "secret-id", "{}", wrapTtl: TimeSpan.FromMinutes(1));
        JsonElement info = wrapped.Json.GetProperty("wrap_info");
        Assert.Equal(Role + "secret-id", info.GetProperty("creation_path").GetString());
        TestResponse unwrapped = await vault.WriteAsync("sys/wrapping/unwrap", "{}", info.GetProperty("token").GetString());
        JsonElement data = unwrapped.Json.GetProperty("data");
        Assert.Equal(info.GetProperty("wrapped_accessor").GetString(), data.GetProperty("secret_id_accessor").GetString());
        Assert.Equal(200, (await vault.LoginAsync(await vault.RoleIdAsync(), data.GetProperty("secret_id").GetString())).Status);
    }

    [Fact]
    public async Task Tidy_removesExpiredSecretIdsAndThoseOfDeletedRoles()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        await vault.RoleAsync("b");
        await vault.SecretIdAsync("a", """{"ttl":"1m"}""");
        (string kept, _) = await vault.SecretIdAsync("a", """{"ttl":"1h"}""");
        for (int i = 0; i < 120; i++)
            await vault.SecretIdAsync("b");
        await vault.DeleteAsync("auth/approle/role/b");
        await UntilAsync(async () => await SecretIdsAsync(vault) == 2);
        vault.Time.Advance(TimeSpan.FromMinutes(2));
        TestResponse tidy = await vault.WriteAsync("auth/approle/tidy/secret-id");
        Assert.Equal(202, tidy.Status);
        await UntilAsync(async () => await SecretIdsAsync(vault) == 1);
        Assert.Equal(200, (await vault.LoginAsync(await vault.RoleIdAsync(), kept)).Status);
    }

    [Fact]
    public async Task Tidy_runsByItselfOnceAnHourWhileSecretIdsAreMade()
    {
        await using TestVault vault = await AppRoleTestVault.StartAsync();
        await vault.SecretIdAsync("a", """{"ttl":"1m"}""");
        vault.Time.Advance(TimeSpan.FromMinutes(59));
        await vault.SecretIdAsync();
        Assert.Equal(2, await SecretIdsAsync(vault));
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        await vault.SecretIdAsync();
        await UntilAsync(async () => await SecretIdsAsync(vault) == 2);
    }

    private static async Task<int> SecretIdsAsync(TestVault vault)
    {
        IReadOnlyList<string> keys = await vault.Kernel().Barrier.ListKeysAsync("auth/", "", 10_000, CancellationToken.None);
        int accessors = keys.Count(k => k.Contains("/accessor/", StringComparison.Ordinal));
        Assert.Equal(accessors, keys.Count(k => k.Contains("/secret-id/", StringComparison.Ordinal)));
        return accessors;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int i = 0; i < 500 && !await holds(); i++)
            await Task.Delay(10);
        Assert.True(await holds());
    }
}
