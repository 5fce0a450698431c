using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Sys;

public sealed class OpenApiRoutesTests
{
    [Fact]
    public async Task Document_forRoot_describesEveryRouteOfEveryMount()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/secret", """{"type":"kv-v2"}""");
        JsonElement document = (await vault.ReadAsync("sys/internal/specs/openapi")).Json;
        JsonElement paths = document.GetProperty("paths");
        Assert.Equal("3.0.2", document.GetProperty("openapi").GetString());
        JsonElement data = paths.GetProperty("/secret/data/{path}");
        Assert.True(data.TryGetProperty("get", out _) && data.TryGetProperty("post", out _) && data.TryGetProperty("patch", out _) && data.TryGetProperty("delete", out _));
        Assert.True(paths.GetProperty("/sys/seal").GetProperty("x-vault-sudo").GetBoolean());
        Assert.True(paths.GetProperty("/sys/health").GetProperty("x-vault-unauthenticated").GetBoolean());
    }

    [Fact]
    public async Task Document_genericMountPaths_namesTheTypeInPlaceOfTheMount()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/secret", """{"type":"kv-v2"}""");
        JsonElement paths = (await vault.WriteAsync("sys/internal/specs/openapi", """{"generic_mount_paths":true}""")).Json.GetProperty("paths");
        Assert.True(paths.TryGetProperty("/{kv_mount_path}/data/{path}", out _));
    }

    [Fact]
    public async Task Document_withoutToken_showsOnlyWhatNeedsNone()
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/hidden", """{"type":"kv-v2"}""");
        TestResponse response = await vault.SendAsync(Candlefish.Secrets.Vault.Requests.Operation.Read, "sys/internal/specs/openapi", token: "");
        Assert.Equal(200, response.Status);
        Assert.DoesNotContain("hidden", response.Text, StringComparison.Ordinal);
        Assert.All(response.Json.GetProperty("paths").EnumerateObject(), path => Assert.True(path.Value.GetProperty("x-vault-unauthenticated").GetBoolean(), path.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("prometheus")]
    public async Task Metrics_afterRequests_countThem(string format)
    {
        await using TestVault vault = await TestVault.StartAsync();
        await vault.ReadAsync("sys/key-status");
        TestResponse response = await vault.WriteAsync("sys/tools/random");
        Assert.Equal(200, response.Status);
        string text = format.Length == 0
            ? (await vault.ReadAsync("sys/metrics")).Text
            : System.Text.Encoding.UTF8.GetString((await vault.RawAsync("sys/metrics", """{"format":"prometheus"}""")).Span);
        Assert.Contains(format.Length == 0 ? "vault.route.read.sys-" : "vault_core_handle_request_count", text, StringComparison.Ordinal);
    }
}
