using System.Text.Json;
using Candlefish.Secrets.Tests.Support;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Tests.Conformance.Routes;

/// <summary>One operation of the OpenAPI document of Vault 1.15, and where it would be on our server.</summary>
/// <param name="Family">The mount and type: <c>sys</c>, <c>auth/approle</c>, <c>kv_v2</c>.</param>
/// <param name="Template">Placeholders without names, the mount by its type: <c>kv/data/{}</c>.</param>
internal sealed record YardstickOperation(string Family, string Template, Operation Operation, bool IsUnauthenticated, bool NeedsSudo)
{
    /// <summary>The path to call on a server of <see cref="WalkedRoute.StartAsync"/>.</summary>
    public string Path => Template.Replace("{}", "probe", StringComparison.Ordinal);
}

internal static class VaultYardstick
{
    private const string File = "vault/vault-1.15-openapi.json";

    public static bool TryRead(out YardstickOperation[] operations)
    {
        operations = [];
        if (!SharedData.TryFind(File, out string path))
            return false;
        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
        operations = [.. document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => Of(p.Name, p.Value))];
        return true;
    }

    /// <summary>A template without names of placeholders and without a slash at its end, so that both documents compare.</summary>
    public static string Plain(string template) =>
        string.Join('/', template.Trim('/').Split('/').Select(s => s.StartsWith('{') ? "{}" : s));

    private static IEnumerable<YardstickOperation> Of(string path, JsonElement item)
    {
        string[] segments = path.Trim('/').Split('/');
        int at = segments[0] == "auth" ? 1 : 0;
        string family = segments[at];
        if (family.EndsWith("_mount_path}", StringComparison.Ordinal))
        {
            family = family[1..^"_mount_path}".Length];
            // Our test server has KV version 1 at kv/ and version 2 at secret/; other types stand at their own name.
            segments[at] = family switch { "kv_v1" => "kv", "kv_v2" => "secret", _ => family };
        }
        family = at == 1 ? "auth/" + family : family;
        string template = Plain(string.Join('/', segments));
        bool isOpen = Flag(item, "x-vault-unauthenticated");
        bool needsSudo = Flag(item, "x-vault-sudo");
        foreach (JsonProperty method in item.EnumerateObject())
        {
            Operation? operation = method.Name switch
            {
                "get" => IsList(method.Value) ? Operation.List : Operation.Read,
                "post" => Operation.Update,
                "delete" => Operation.Delete,
                _ => null,
            };
            if (operation is { } o)
                yield return new YardstickOperation(family, template, o, isOpen, needsSudo);
        }
    }

    private static bool IsList(JsonElement get) =>
        get.TryGetProperty("parameters", out JsonElement parameters)
        && parameters.EnumerateArray().Any(p => p.GetProperty("name").GetString() == "list" && p.TryGetProperty("required", out JsonElement r) && r.GetBoolean());

    private static bool Flag(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement flag) && flag.GetBoolean();
}
