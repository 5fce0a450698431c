using System.Text;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Sys;

public sealed class PolicyRoutesTests
{
    private const string Hcl = "path \\\"secret/*\\\" { capabilities = [\\\"read\\\"] }";

    [Theory]
    [InlineData("sys/policies/acl/")]
    [InlineData("sys/policy/")]
    public async Task Policy_writtenReadListedDeleted_inBothForms(string root)
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(204, (await vault.WriteAsync(root + "App", $$"""{"policy":"{{Hcl}}"}""")).Status);
        Assert.Contains("secret/*", (await vault.ReadAsync("sys/policies/acl/app")).Data.GetProperty("policy").GetString(), StringComparison.Ordinal);
        Assert.Contains("secret/*", (await vault.ReadAsync("sys/policy/app")).Json.GetProperty("rules").GetString(), StringComparison.Ordinal);
        TestResponse list = await vault.ListAsync("sys/policies/acl");
        Assert.Equal(["app", "default", "root"], list.Data.GetProperty("keys").EnumerateArray().Select(k => k.GetString()));
        Assert.Equal(204, (await vault.DeleteAsync(root + "app")).Status);
        Assert.Equal(404, (await vault.ReadAsync("sys/policies/acl/app")).Status);
    }

    [Fact]
    public async Task Policy_inBase64_isStoredAsText()
    {
        await using TestVault vault = await TestVault.StartAsync();
        string base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes("path \"a\" { capabilities = [\"read\"] }"));
        Assert.Equal(204, (await vault.WriteAsync("sys/policies/acl/b", $$"""{"policy":"{{base64}}"}""")).Status);
        Assert.StartsWith("path", (await vault.ReadAsync("sys/policies/acl/b")).Data.GetProperty("policy").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root", 400)]
    [InlineData("response-wrapping", 400)]
    [InlineData("default", 204)]
    public async Task Policy_builtIn_canBeEditedOnlyWhereItMay(string name, int status)
    {
        await using TestVault vault = await TestVault.StartAsync();
        Assert.Equal(status, (await vault.WriteAsync("sys/policies/acl/" + name, $$"""{"policy":"{{Hcl}}"}""")).Status);
        Assert.Equal(400, (await vault.DeleteAsync("sys/policies/acl/" + name)).Status);
    }

    [Fact]
    public async Task Policy_fileWithSeveralPolicies_storesTheNamedOneWithAWarning()
    {
        await using TestVault vault = await TestVault.StartAsync();
        const string text = """{"policy":"policy \"dev\" {\n rules = <<EOT\npath \"d/*\" { capabilities = [\"read\"] }\n EOT\n}\npolicy \"prod\" { rules = \"\" }"}""";
        TestResponse response = await vault.WriteAsync("sys/policies/acl/dev", text);
        Assert.Equal(200, response.Status);
        Assert.Contains("2 policies", response.Json.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        Assert.StartsWith("path \"d/*\"", (await vault.ReadAsync("sys/policies/acl/dev")).Data.GetProperty("policy").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, (await vault.WriteAsync("sys/policies/acl/other", text)).Status);
    }

    [Fact]
    public async Task Policy_malformed_isRefusedWithItsPosition()
    {
        await using TestVault vault = await TestVault.StartAsync();
        TestResponse response = await vault.WriteAsync("sys/policies/acl/x", """{"policy":"path \"a\" { capabilities = [\"fly\"] }"}""");
        Assert.Equal(400, response.Status);
        Assert.Contains("line 1, column", response.Error, StringComparison.Ordinal);
    }
}
