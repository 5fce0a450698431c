using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Tests.Unit.Vault.Tokens;

namespace Candlefish.Secrets.Tests.Unit.Vault.Identity;

/// <summary>Short forms of what the tests of identity do all the time.</summary>
internal static class IdentityTestVault
{
    /// <summary>A vault with two auth mounts: <c>one/</c> takes names as they are, <c>two/</c> in any letter case.</summary>
    public static async Task<TestVault> StartAsync()
    {
        TestVault vault = await TestVault.StartAsync(backends: NamedLoginMethod.AddTo);
        await vault.OkAsync("sys/auth/one", """{"type":"named"}""");
        await vault.OkAsync("sys/auth/two", """{"type":"folded"}""");
        return vault;
    }

    /// <summary>Writes and insists on success.</summary>
    public static async Task<TestResponse> OkAsync(this TestVault vault, string path, string json)
    {
        TestResponse response = await vault.WriteAsync(path, json);
        return response.Status is 200 or 204 ? response : throw new InvalidOperationException($"{path}: {response.Status} {response.Text}");
    }

    /// <summary>Writes and returns <c>data.id</c>.</summary>
    public static async Task<string> MakeAsync(this TestVault vault, string path, string json) =>
        (await vault.OkAsync(path, json)).Data.GetProperty("id").GetString() ?? "";

    public static async Task<string> AccessorOfAsync(this TestVault vault, string mount) =>
        (await vault.ReadAsync("sys/auth")).Data.GetProperty(mount + "/").GetProperty("accessor").GetString() ?? "";

    /// <summary>Logs in and returns the <c>auth</c> member.</summary>
    public static async Task<JsonElement> LoginThroughAsync(this TestVault vault, string mount, string name, string json = "{}")
    {
        TestResponse response = await vault.WriteAsync($"auth/{mount}/login/{name}", json, "");
        return response.Status == 200 ? response.Json.GetProperty("auth") : throw new InvalidOperationException($"login {name}: {response.Status} {response.Text}");
    }

    public static string Token(this JsonElement auth) => auth.GetProperty("client_token").GetString() ?? "";

    public static string EntityId(this JsonElement auth) => auth.GetProperty("entity_id").GetString() ?? "";

    public static async Task<string[]> KeysAsync(this TestVault vault, string path)
    {
        TestResponse response = await vault.ListAsync(path);
        return response.Status == 404 ? [] : response.Data.Strings("keys");
    }

    /// <summary>A KV v1 mount at <c>kv/</c> with one value per path, and a policy of the path's name that reads it.</summary>
    public static async Task ReadableAsync(this TestVault vault, params string[] names)
    {
        await vault.OkAsync("sys/mounts/kv", """{"type":"kv"}""");
        foreach (string name in names)
        {
            await vault.OkAsync("kv/" + name, """{"v":"1"}""");
            await vault.PolicyAsync(name, $$"""path "kv/{{name}}" { capabilities = ["read"] }""");
        }
    }

    public static async Task<int> StatusOfReadAsync(this TestVault vault, string path, string token) => (await vault.ReadAsync(path, token)).Status;
}
