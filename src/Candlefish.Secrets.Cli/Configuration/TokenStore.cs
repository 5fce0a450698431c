using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Configuration;

/// <summary>
/// Login state: one 0600 file per context and server address, so that a token is never sent to
/// another server than the one that gave it.
/// </summary>
internal sealed class TokenStore(CliHost host)
{
    /// <summary>The stored token of that context for that address, or null.</summary>
    internal string? Read(string? context, string address) => Find(context, address)?.Token;

    /// <summary>The stored login: the token, and whether a login issued it (else it was brought along and may be in use elsewhere).</summary>
    internal (string Token, bool IsIssued)? Find(string? context, string address)
    {
        var path = PathOf(context, address);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) is JsonObject record
                && (record["address"] as JsonValue)?.ToString() == address
                && (record["token"] as JsonValue)?.ToString() is { Length: > 0 } token
                    ? (token, (record["issued"] as JsonValue)?.ToString() == "true")
                    : null;
        }
        catch (JsonException)
        {
            throw CliError.Usage("the stored login cannot be read", $"{path} is damaged", "candlefish-secrets logout, then candlefish-secrets login");
        }
    }

    internal void Save(string? context, string address, string token, bool isIssued)
    {
        var record = new JsonObject { ["format"] = 1, ["address"] = address, ["token"] = token, ["issued"] = isIssued };
        PrivateFile.Write(PathOf(context, address), JsonText.Compact(record) + "\n");
    }

    /// <summary>Forgets the login; false when there was none.</summary>
    internal bool Erase(string? context, string address)
    {
        var path = PathOf(context, address);
        var existed = File.Exists(path);
        File.Delete(path);
        return existed;
    }

    /// <summary>Vault's own token file. It is read, never written.</summary>
    internal string? ReadVaultFile()
    {
        var path = Path.Combine(host.HomeFolder, ".vault-token");
        return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
    }

    /// <summary>Path of the file of a login; the name tells the context and a digest of the address.</summary>
    internal string PathOf(string? context, string address)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)).AsSpan(0, 6));
        var name = string.Concat((context ?? "default").Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        return Path.Combine(ConfigurationFolder.Of(host), "tokens", $"{name}-{digest}.json");
    }
}
