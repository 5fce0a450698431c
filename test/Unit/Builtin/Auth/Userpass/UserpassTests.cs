using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Builtin.Auth.Userpass;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;
using Candlefish.Secrets.Vault.Barrier;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Auth.Userpass;

public sealed class UserpassTests
{
    [Fact]
    public async Task Row007_Row009_ErrorBodies_ofWrongAndUnknown_areByteIdentical()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        TestResponse wrong = await vault.LoginAsync("bob", "wrong");
        foreach (string name in new[] { "nobody", "b\u043eb", "bo b", new string('x', 500), "bob@", "+" })
        {
            TestResponse unknown = await vault.LoginAsync(name, "wrong");
            Assert.Equal((wrong.Status, wrong.Text), (unknown.Status, unknown.Text));
        }
        Assert.Equal((400, "invalid username or password"), (wrong.Status, wrong.Error));
    }

    [Fact]
    public async Task Row008_Time_ofWrongAndUnknown_isTheSame()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync("""{"user_lockout_config":{"lockout_disable":true}}""");
        await vault.WriteAsync("sys/auth/userpass/tune", """{"user_lockout_config":{"lockout_disable":true}}""");
        var known = new List<double>();
        var unknown = new List<double>();
        for (int i = 0; i < 12; i++)
        {
            foreach ((string name, List<double> times) in new[] { ("bob", known), ("nobody" + i, unknown) })
            {
                long started = Stopwatch.GetTimestamp();
                Assert.Equal(400, (await vault.LoginAsync(name, "wrong")).Status);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
        double ratio = Median(unknown) / Median(known);
        // Without the hash for unknown names the ratio is below 0.02.
        Assert.InRange(ratio, 0.4, 2.5);
    }

    [Fact]
    public async Task Row010_Spellings_ofOneName_shareOneCounter()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        foreach (string name in new[] { "bob", "BOB", " bob", "bob ", "Bob" })
            Assert.Equal(400, (await vault.LoginAsync(name, "wrong")).Status);
        foreach (string name in new[] { "bob", "BOB", " bob", "bob ", " BoB  " })
            Assert.Equal(403, (await vault.LoginAsync(name, "right")).Status);
    }

    [Fact]
    public async Task Row010_Spellings_ofAnUnknownName_shareOneCounterToo()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        foreach (string name in new[] { "eve", "EVE", " eve", "eve ", "Eve" })
            Assert.Equal(400, (await vault.LoginAsync(name, "wrong")).Status);
        Assert.Equal(403, (await vault.LoginAsync(" EVE ", "wrong")).Status);
    }

    [Theory]
    [InlineData(" bob")]
    [InlineData("bob ")]
    [InlineData("b b")]
    [InlineData("bo\u0301b")]
    [InlineData("bo\u212A")]
    [InlineData("b*b")]
    public async Task User_withANameOfSeveralSpellings_isRefused(string name)
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync("auth/userpass/users/" + name, """{"password":"p"}""")).Status);
        Assert.Equal(["bob"], (await vault.ListAsync("auth/userpass/users")).Data.GetProperty("keys").EnumerateArray().Select(k => k.GetString()));
    }

    [Fact]
    public async Task Row125_NewPassword_endsTheTokensOfTheOld()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        await vault.WriteAsync("auth/userpass/users/eve", """{"password":"right"}""");
        string eve = (await vault.LoginAsync("eve", "right")).TokenOf();
        foreach ((string path, string password) in new[] { ("bob/password", "second"), ("bob", "third") })
        {
            string old = path == "bob/password" ? "right" : "second";
            string[] tokens = [(await vault.LoginAsync("bob", old)).TokenOf(), (await vault.LoginAsync("BOB", old)).TokenOf()];
            Assert.Equal(204, (await vault.WriteAsync("auth/userpass/users/" + path, JsonSerializer.Serialize(new { password }))).Status);
            foreach (string token in tokens)
                Assert.Equal(403, (await vault.ReadAsync("auth/token/lookup-self", token)).Status);
            Assert.Equal(400, (await vault.LoginAsync("bob", old)).Status);
            Assert.Equal(200, (await vault.LoginAsync("bob", password)).Status);
        }
        Assert.Equal(200, (await vault.ReadAsync("auth/token/lookup-self", eve)).Status);
    }

    [Fact]
    public async Task Change_withoutPassword_keepsPasswordAndTokens()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        string token = (await vault.LoginAsync("bob", "right")).TokenOf();
        Assert.Equal(204, (await vault.WriteAsync("auth/userpass/users/bob", """{"ttl":"5m","policies":"a,b"}""")).Status);
        Assert.Equal(200, (await vault.ReadAsync("auth/token/lookup-self", token)).Status);
        JsonElement data = (await vault.ReadAsync("auth/userpass/users/bob")).Data;
        Assert.Equal((300, 300), (data.GetProperty("token_ttl").GetInt32(), data.GetProperty("ttl").GetInt32()));
        Assert.Equal("[\"a\",\"b\"]", data.GetProperty("policies").GetRawText());
        Assert.Equal(204, (await vault.WriteAsync("auth/userpass/users/bob/policies", """{"token_policies":["c"]}""")).Status);
        Assert.Equal("[\"c\"]", (await vault.ReadAsync("auth/userpass/users/bob")).Data.GetProperty("token_policies").GetRawText());
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
    }

    [Fact]
    public async Task User_newWithoutPassword_isRefused()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        Assert.Equal(400, (await vault.WriteAsync("auth/userpass/users/new", """{"token_policies":"dev"}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("auth/userpass/users/new", """{"password":""}""")).Status);
        Assert.Equal(404, (await vault.ReadAsync("auth/userpass/users/new")).Status);
        Assert.Equal(400, (await vault.WriteAsync("auth/userpass/users/new/password", """{"password":"x"}""")).Status);
    }

    [Theory]
    [InlineData("p\u00e4ssw\u00f6rt \"quoted\" \\ \ud83d\udd11")]
    [InlineData("007")]
    public async Task Password_ofAnyText_worksAsSent(string password)
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        await vault.WriteAsync("auth/userpass/users/any", JsonSerializer.Serialize(new { password }));
        Assert.Equal(200, (await vault.LoginAsync("any", password)).Status);
        Assert.Equal(400, (await vault.LoginAsync("any", password + " ")).Status);
    }

    [Fact]
    public async Task Password_longerThanTheLimit_isRefusedWithoutATell()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        string password = new('x', UserpassLogin.MaxPasswordBytes + 1);
        Assert.Equal(400, (await vault.WriteAsync("auth/userpass/users/long", JsonSerializer.Serialize(new { password }))).Status);
        Assert.Equal("invalid username or password", (await vault.LoginAsync("bob", password)).Error);
    }

    [Fact]
    public async Task Mount_madeWithoutLibsodium_keepsToItsAlgorithm()
    {
        await using TestVault vault = await UserpassTestVault.StartAsync();
        SecurityBarrier barrier = vault.Kernel().Barrier;
        string scheme = (await barrier.ListKeysAsync("auth/", "", 100, CancellationToken.None)).Single(k => k.EndsWith("/scheme", StringComparison.Ordinal));
        string dummy = PasswordHash.Create(PasswordAlgorithm.Pbkdf2Sha256, [1, 2, 3]);
        await barrier.CommitAsync([KeyValuePair.Create(scheme, (byte[]?)JsonSerializer.SerializeToUtf8Bytes(new { format = 1, dummy }))], [], CancellationToken.None);
        Assert.Equal(204, (await vault.WriteAsync("auth/userpass/users/eve", """{"password":"right"}""")).Status);
        string stored = scheme.Replace("/scheme", "/user/eve", StringComparison.Ordinal);
        byte[] record = (await barrier.GetAsync(stored, CancellationToken.None))?.Plaintext ?? [];
        Assert.Contains("$pbkdf2-sha256$i=600000$", Encoding.UTF8.GetString(record), StringComparison.Ordinal);
        Assert.DoesNotContain("right", Encoding.UTF8.GetString(record), StringComparison.Ordinal);
        Assert.Equal(200, (await vault.LoginAsync("eve", "right")).Status);
        Assert.Equal(400, (await vault.LoginAsync("eve", "wrong")).Status);
        Assert.Equal(200, (await vault.LoginAsync("bob", "right")).Status);
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
