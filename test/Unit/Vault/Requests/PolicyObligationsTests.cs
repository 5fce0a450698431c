using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Requests;

public sealed class PolicyObligationsTests
{
    [Theory]
    [InlineData("{}", 403)]
    [InlineData("""{"limit":0}""", 403)]
    [InlineData("""{"limit":-1}""", 403)]
    [InlineData("""{"limit":"3"}""", 403)]
    [InlineData("""{"limit":2}""", 200)]
    public async Task PaginationLimit_pageSizeThatIsNone_isRefused(string parameters, int status)
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await TokenAsync(vault, "path \"secret/metadata/\" { capabilities = [\"list\"] pagination_limit = 2 }");
        Assert.Equal(status, (await vault.SendAsync(Operation.List, "secret/metadata/", parameters, token)).Status);
    }

    [Fact]
    public async Task ListFilter_namesThatMayNotBeRead_areNotShown()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await TokenAsync(vault, """
            path "secret/metadata/" { capabilities = ["list"] list_scan_response_keys_filter_path = "secret/data/{{ .key }}" }
            path "secret/data/a" { capabilities = ["read"] }
            """);
        TestResponse list = await vault.ListAsync("secret/metadata/", token);
        Assert.Equal(["a"], list.Data.GetProperty("keys").EnumerateArray().Select(k => k.GetString()));
    }

    [Theory]
    [InlineData("control_group = { factor \"f\" { identity { group_names = [\"g\"] approvals = 1 } } }")]
    [InlineData("mfa_methods = [\"totp\"]")]
    public async Task Obligation_thatNobodyCanMeetYet_refusesTheRequest(string clause)
    {
        await using TestVault vault = await TestVault.StartAsync();
        string token = await TokenAsync(vault, $"path \"secret/data/*\" {{ capabilities = [\"read\"] {clause} }}");
        Assert.Equal(403, (await vault.ReadAsync("secret/data/a", token)).Status);
    }

    private static async Task<string> TokenAsync(TestVault vault, string policy)
    {
        await vault.WriteAsync("sys/mounts/secret", """{"type":"kv-v2"}""");
        foreach (string name in new[] { "a", "b" })
            await vault.WriteAsync("secret/data/" + name, """{"data":{"v":"1"}}""");
        TestResponse written = await vault.WriteAsync("sys/policies/acl/p", $$"""{"policy":{{JsonEncodedText(policy)}}}""");
        Assert.Equal(204, written.Status);
        TestResponse created = await vault.WriteAsync("auth/token/create", """{"policies":["p"]}""");
        return created.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
    }

    private static string JsonEncodedText(string text) => "\"" + System.Text.Json.JsonEncodedText.Encode(text) + "\"";
}
