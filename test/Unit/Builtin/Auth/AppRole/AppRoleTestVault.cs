using System.Text.Json;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Auth.AppRole;

/// <summary>Short forms of what the tests of AppRole do all the time.</summary>
internal static class AppRoleTestVault
{
    public static async Task<TestVault> StartAsync(string role = """{"token_policies":"dev"}""")
    {
        TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/auth/approle", """{"type":"approle"}""");
        await vault.RoleAsync("a", role);
        return vault;
    }

    public static async Task RoleAsync(this TestVault vault, string name, string json = "{}")
    {
        TestResponse response = await vault.WriteAsync("auth/approle/role/" + name, json);
        if (response.Status != 204)
            throw new InvalidOperationException(response.Text);
    }

    public static async Task<string> RoleIdAsync(this TestVault vault, string role = "a") =>
        (await vault.ReadAsync($"auth/approle/role/{role}/role-id")).Data.GetProperty("role_id").GetString() ?? "";

    public static async Task<(string Id, string Accessor)> SecretIdAsync(this TestVault vault, string role = "a", string json = "{}")
    {
        JsonElement data = (await vault.WriteAsync($"auth/approle/role/{role}/secret-id", json)).Data;
        return (data.GetProperty("secret_id").GetString() ?? "", data.GetProperty("secret_id_accessor").GetString() ?? "");
    }

    public static Task<TestResponse> LoginAsync(this TestVault vault, string roleId, string? secretId) =>
        vault.WriteAsync("auth/approle/login", JsonSerializer.Serialize(new { role_id = roleId, secret_id = secretId }), "");
}
