using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Builtin.Auth.Userpass;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

public sealed class LoginAttemptTests
{
    [Fact]
    public async Task Guesses_manyAtOnce_areJudgedOnlyUpToTheThreshold()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        TestResponse[] guesses = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => vault.LoginAsync("bob", "guess" + i))));
        Assert.Equal(5, guesses.Count(g => g.Status == 400));
        Assert.Equal(19, guesses.Count(g => g.Status == 403));
        Assert.Equal(403, (await vault.LoginAsync("bob", "right")).Status);
    }

    [Fact]
    public async Task Lock_outlivesSealAndUnseal_andEndsAfterItsTime()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        await FailAsync(vault, 5);
        await vault.Node.SealAsync();
        await vault.UnsealAsync();
        Assert.Equal(403, (await vault.LoginAsync("bob", "right")).Status);
        vault.Time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.Equal(403, (await vault.LoginAsync("bob", "right")).Status);
        vault.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
        await FailAsync(vault, 4);
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
    }

    [Fact]
    public async Task Lock_isNotLengthenedByFurtherAttempts()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        await FailAsync(vault, 5);
        for (int i = 0; i < 3; i++)
        {
            vault.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
            Assert.Equal(403, (await vault.LoginAsync("bob", "wrong")).Status);
        }
        vault.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(400, (await vault.LoginAsync("bob", "wrong")).Status);
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
    }

    [Fact]
    public async Task Failures_areForgottenAfterSuccessAndAfterAQuietTime()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        await FailAsync(vault, 4);
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
        await FailAsync(vault, 4);
        vault.Time.Advance(TimeSpan.FromMinutes(15));
        await FailAsync(vault, 4);
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
    }

    [Fact]
    public async Task Rule_ofTheMount_isFollowed()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        await TuneAsync(vault, """{"lockout_threshold":"2","lockout_duration":"1m"}""");
        await FailAsync(vault, 2);
        Assert.Equal(403, (await vault.LoginAsync("bob", "right")).Status);
        vault.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
        await TuneAsync(vault, """{"lockout_disable":true}""");
        await FailAsync(vault, 4);
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
    }

    [Fact]
    public async Task LockedUsers_areListedAndUnlocked()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        Assert.Equal("""{"by_namespace":[],"total":0}""", (await vault.ReadAsync("sys/locked-users")).Data.GetRawText());
        await FailAsync(vault, 5);
        for (int i = 0; i < 6; i++)
            await vault.LoginAsync("stranger", "wrong");
        string accessor = await vault.AccessorAsync();
        JsonElement data = (await vault.ReadAsync("sys/locked-users")).Data;
        Assert.Equal(1, data.GetProperty("total").GetInt32());
        JsonElement ns = data.GetProperty("by_namespace")[0];
        Assert.Equal(("root", 1), (ns.GetProperty("namespace_id").GetString(), ns.GetProperty("counts").GetInt32()));
        JsonElement mount = ns.GetProperty("mount_accessors")[0];
        Assert.Equal(accessor, mount.GetProperty("mount_accessor").GetString());
        Assert.Equal("""["bob"]""", mount.GetProperty("alias_identifiers").GetRawText());
        Assert.Equal(204, (await vault.WriteAsync($"sys/locked-users/{accessor}/unlock/BOB")).Status);
        Assert.Equal(0, (await vault.ReadAsync("sys/locked-users")).Data.GetProperty("total").GetInt32());
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
        Assert.Equal(400, (await vault.WriteAsync("sys/locked-users/none/unlock/bob")).Status);
        Assert.Equal(403, (await vault.ReadAsync("sys/locked-users", (await vault.LoginAsync("bob", "right")).TokenOf())).Status);
    }

    [Fact]
    public async Task Lock_isOfOneMountOnly()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        await vault.WriteAsync("sys/auth/other", """{"type":"userpass"}""");
        await vault.WriteAsync("auth/other/users/bob", """{"password":"right"}""");
        await FailAsync(vault, 5);
        Assert.Equal(403, (await vault.LoginAsync("bob", "right")).Status);
        Assert.Equal(200, (await vault.WriteAsync("auth/other/login/bob", """{"password":"right"}""", "")).Status);
    }

    private static async Task FailAsync(TestVault vault, int times)
    {
        for (int i = 0; i < times; i++)
            Assert.Equal(400, (await vault.LoginAsync("bob", "wrong")).Status);
    }

    private static async Task TuneAsync(TestVault vault, string rule) =>
        Assert.Equal(204, (await vault.WriteAsync("sys/auth/userpass/tune", $$"""{"user_lockout_config":{{rule}}}""")).Status);
}
