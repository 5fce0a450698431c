using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault;

namespace Candlefish.Secrets.Tests.Unit.Vault.Tokens;

/// <summary>Short forms of what the tests of tokens, leases and wrapping do all the time.</summary>
internal static class TokenTestVault
{
    /// <summary>The kernel of an unsealed test vault.</summary>
    public static UnsealedVault Kernel(this TestVault vault) => vault.Node.Vault ?? throw new InvalidOperationException("the vault is sealed");

    /// <summary>Creates a token and returns its <c>auth</c> member.</summary>
    public static async Task<JsonElement> AuthAsync(this TestVault vault, string json = "{}", string? by = null, string path = "auth/token/create")
    {
        TestResponse response = await vault.WriteAsync(path, json, by);
        if (response.Status != 200)
            throw new InvalidOperationException($"{path}: {response.Status} {response.Text}");
        return response.Json.GetProperty("auth");
    }

    /// <summary>Creates a token and returns its text.</summary>
    public static async Task<string> TokenAsync(this TestVault vault, string json = "{}", string? by = null, string path = "auth/token/create") =>
        (await vault.AuthAsync(json, by, path)).GetProperty("client_token").GetString() ?? "";

    public static async Task PolicyAsync(this TestVault vault, string name, string text) =>
        await vault.WriteAsync($"sys/policies/acl/{name}", JsonSerializer.Serialize(new { policy = text }));

    /// <summary>The token answers (it may at least ask what it is).</summary>
    public static async Task<bool> IsAliveAsync(this TestVault vault, string token) =>
        (await vault.ReadAsync("auth/token/lookup-self", token)).Status != 403;

    public static string[] Strings(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetString() ?? "")];
}
