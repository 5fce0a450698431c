using System.Text.Json;
using Candlefish.Secrets.Tests.Support;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Auth.Userpass;

/// <summary>Short forms of what the tests of userpass do all the time.</summary>
internal static class UserpassTestVault
{
    public static async Task<TestVault> StartAsync(string config = "{}")
    {
        TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/auth/userpass", $$"""{"type":"userpass","config":{{config}}}""");
        await vault.WriteAsync("auth/userpass/users/bob", """{"password":"right","token_policies":"dev"}""");
        return vault;
    }

    public static Task<TestResponse> LoginAsync(this TestVault vault, string user, string password) =>
        vault.WriteAsync("auth/userpass/login/" + user, JsonSerializer.Serialize(new { password }), "");

    public static string TokenOf(this TestResponse response) =>
        response.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";

    public static async Task<string> AccessorAsync(this TestVault vault, string mount = "userpass/") =>
        (await vault.ReadAsync("sys/auth")).Data.GetProperty(mount).GetProperty("accessor").GetString() ?? "";
}
