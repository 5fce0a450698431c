using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Tests.Unit.Builtin.Engines.Kv;

/// <summary>A vault with <c>secret/</c> (version 2) and <c>plain/</c> (version 1).</summary>
internal static class KvVault
{
    public static async Task<TestVault> StartAsync()
    {
        TestVault vault = await TestVault.StartAsync();
        await vault.WriteAsync("sys/mounts/secret", """{"type":"kv","options":{"version":"2"}}""");
        await vault.WriteAsync("sys/mounts/plain", """{"type":"kv"}""");
        return vault;
    }

    public static Task<TestResponse> ReadVersionAsync(this TestVault vault, string path, long version) =>
        vault.SendAsync(Operation.Read, "secret/data/" + path, $$"""{"version":"{{version}}"}""");

    public static string[] Keys(this TestResponse response) =>
        response.Status == 404 ? [] : [.. response.Data.GetProperty("keys").EnumerateArray().Select(k => k.GetString() ?? "")];

    /// <summary>A token with one policy.</summary>
    public static async Task<string> TokenAsync(this TestVault vault, string policy)
    {
        await vault.WriteAsync("sys/policies/acl/test", $$"""{"policy":{{Quote(policy)}}}""");
        TestResponse created = await vault.WriteAsync("auth/token/create", """{"policies":["test"]}""");
        return created.Json.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
    }

    /// <summary>A JSON text of a string.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text);
}
