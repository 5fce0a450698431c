using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Sys;

public sealed class RekeyRoutesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rekey_newSharesOpenTheVaultAndOldOnesDoNot(bool verify)
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse start = await vault.WriteAsync("sys/rekey/init", $$"""{"secret_shares":5,"secret_threshold":3,"require_verification":{{(verify ? "true" : "false")}}}""");
        string nonce = start.Json.GetProperty("nonce").GetString() ?? "";
        Assert.Equal(2, start.Json.GetProperty("required").GetInt32());
        await vault.WriteAsync("sys/rekey/update", Share(vault.Shares[0], nonce));
        TestResponse done = await vault.WriteAsync("sys/rekey/update", Share(vault.Shares[2], nonce));
        Assert.True(done.Json.GetProperty("complete").GetBoolean());
        string[] keys = [.. done.Json.GetProperty("keys").EnumerateArray().Select(k => k.GetString() ?? "")];
        Assert.Equal(5, keys.Length);
        if (verify)
        {
            string verification = done.Json.GetProperty("verification_nonce").GetString() ?? "";
            Assert.Equal(2, (await vault.ReadAsync("sys/seal-status")).Json.GetProperty("t").GetInt32());
            TestResponse last = done;
            foreach (string key in keys[1..4])
                last = await vault.WriteAsync("sys/rekey/verify", $$"""{"key":"{{key}}","nonce":"{{verification}}"}""");
            Assert.True(last.Json.GetProperty("complete").GetBoolean());
        }
        Assert.Equal(3, (await vault.ReadAsync("sys/seal-status")).Json.GetProperty("t").GetInt32());
        await vault.Node.SealAsync();
        TestResponse old = await vault.WriteAsync("sys/unseal", $$"""{"key":"{{Convert.ToHexStringLower(vault.Shares[0])}}"}""");
        await vault.WriteAsync("sys/unseal", $$"""{"key":"{{Convert.ToHexStringLower(vault.Shares[1])}}"}""");
        Assert.Equal(400, (await vault.WriteAsync("sys/unseal", $$"""{"key":"{{Convert.ToHexStringLower(vault.Shares[2])}}"}""")).Status);
        Assert.True(old.Json.GetProperty("sealed").GetBoolean());
        foreach (string key in keys[..3])
            await vault.WriteAsync("sys/unseal", $$"""{"key":"{{key}}"}""");
        Assert.False(vault.Node.IsSealed);
        Assert.Equal(200, (await vault.ReadAsync("sys/key-status")).Status);
    }

    [Fact]
    public async Task Row062_rekeyWithoutToken_cannotBeStartedCancelledOrFed()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(403, (await vault.WriteAsync("sys/rekey/init", "{}", token: "")).Status);
        string nonce = (await vault.WriteAsync("sys/rekey/init")).Json.GetProperty("nonce").GetString() ?? "";
        Assert.Equal(403, (await vault.SendAsync(Operation.Delete, "sys/rekey/init", token: "")).Status);
        Assert.Equal(403, (await vault.WriteAsync("sys/rekey/update", Share(vault.Shares[0], nonce), token: "")).Status);
        TestResponse status = await vault.ReadAsync("sys/rekey/init");
        Assert.Equal(nonce, status.Json.GetProperty("nonce").GetString());
        Assert.Equal(0, status.Json.GetProperty("progress").GetInt32());
    }

    [Fact]
    public async Task Row063_generateRoot_needsATokenAndIsNotEvictedByASecondStart()
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(403, (await vault.WriteAsync("sys/generate-root/attempt", "{}", token: "")).Status);
        string nonce = (await vault.WriteAsync("sys/generate-root/attempt")).Json.GetProperty("nonce").GetString() ?? "";
        Assert.Equal(400, (await vault.WriteAsync("sys/generate-root/attempt")).Status);
        Assert.Equal(nonce, (await vault.ReadAsync("sys/generate-root/attempt")).Json.GetProperty("nonce").GetString());
    }

    [Fact]
    public async Task GenerateRoot_withQuorum_yieldsAWorkingRootToken()
    {
        await using TestVault vault = await TestVault.StartAsync();
        JsonElement start = (await vault.WriteAsync("sys/generate-root/attempt")).Json;
        (string nonce, string otp) = (start.GetProperty("nonce").GetString() ?? "", start.GetProperty("otp").GetString() ?? "");
        Assert.Equal(28, otp.Length);
        Assert.Equal(400, (await vault.WriteAsync("sys/generate-root/update", Share(vault.Shares[0], "wrong"))).Status);
        await vault.WriteAsync("sys/generate-root/update", Share(vault.Shares[0], nonce));
        JsonElement done = (await vault.WriteAsync("sys/generate-root/update", Share(vault.Shares[1], nonce))).Json;
        Assert.True(done.GetProperty("complete").GetBoolean());
        string encoded = done.GetProperty("encoded_token").GetString() ?? "";
        TestResponse decoded = await vault.WriteAsync("sys/decode-token", $$"""{"encoded_token":"{{encoded}}","otp":"{{otp}}"}""", token: "");
        string token = decoded.Data.GetProperty("token").GetString() ?? "";
        Assert.Equal(200, (await vault.ReadAsync("sys/key-status", token)).Status);
        Assert.False((await vault.ReadAsync("sys/generate-root/attempt")).Json.GetProperty("started").GetBoolean());
    }

    [Fact]
    public async Task Rekey_wrongShares_areForgottenAndTheAttemptGoesOn()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string nonce = (await vault.WriteAsync("sys/rekey/init", """{"secret_shares":1,"secret_threshold":1}""")).Json.GetProperty("nonce").GetString() ?? "";
        byte[] wrong = [.. vault.Shares[0]];
        wrong[3] ^= 1;
        await vault.WriteAsync("sys/rekey/update", Share(wrong, nonce));
        Assert.Equal(400, (await vault.WriteAsync("sys/rekey/update", Share(vault.Shares[1], nonce))).Status);
        await vault.WriteAsync("sys/rekey/update", Share(vault.Shares[0], nonce));
        Assert.True((await vault.WriteAsync("sys/rekey/update", Share(vault.Shares[1], nonce))).Json.GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task RotateConfig_isKeptAndChecked()
    {
        await using TestVault vault = await TestVault.StartAsync(new VaultOptions());
        Assert.Equal(400, (await vault.WriteAsync("sys/rotate/config", """{"interval":"1h"}""")).Status);
        Assert.Equal(400, (await vault.WriteAsync("sys/rotate/config", """{"max_operations":5}""")).Status);
        Assert.Equal(204, (await vault.WriteAsync("sys/rotate/config", """{"interval":"48h","max_operations":"2000000"}""")).Status);
        Assert.Equal(172_800, (await vault.ReadAsync("sys/rotate/config")).Data.GetProperty("interval").GetInt32());
        vault.Time.Advance(TimeSpan.FromHours(49));
        // The upkeep begins its waiting in the background: the clock goes on until it has seen a minute pass.
        for (int i = 0; i < 500 && await Term(vault) == 1; i++)
        {
            vault.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(10);
        }
        Assert.Equal(2, await Term(vault));
    }

    private static async Task<int> Term(TestVault vault) => (await vault.ReadAsync("sys/key-status")).Data.GetProperty("term").GetInt32();

    private static string Share(byte[] share, string nonce) => $$"""{"key":"{{Convert.ToBase64String(share)}}","nonce":"{{nonce}}"}""";
}
