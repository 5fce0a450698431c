using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>A call as text: a curl command, the policy it needs, or one line. Values of the body are never shown.</summary>
internal static class CallPreview
{
    /// <summary>A curl command that reads the token from the environment and the body from stdin.</summary>
    internal static string Curl(VaultCall call, VaultConnectionOptions options)
    {
        var text = new StringBuilder("curl -X ").Append(call.Method);
        text.Append(" -H \"X-Vault-Request: true\"");
        if (options.Token is not null)
        {
            text.Append(" -H \"X-Vault-Token: $VAULT_TOKEN\"");
        }

        if (options.Namespace is { Length: > 0 } space)
        {
            text.Append(" -H ").Append(ShellText.Quote("X-Vault-Namespace: " + space));
        }

        if ((call.WrapTtl ?? options.WrapTtl) is { Length: > 0 } wrap)
        {
            text.Append(" -H ").Append(ShellText.Quote("X-Vault-Wrap-TTL: " + wrap));
        }

        if (options.CaFile is { Length: > 0 } ca)
        {
            text.Append(" --cacert ").Append(ShellText.Quote(ca));
        }

        if (!call.Body.IsEmpty)
        {
            text.Append(call.Method == "PATCH" ? " -H 'Content-Type: application/merge-patch+json'" : "").Append(" --data @-");
        }

        var query = string.Join('&', call.Query.Select(static q => Uri.EscapeDataString(q.Key) + "=" + Uri.EscapeDataString(q.Value)));
        text.Append(' ').Append(ShellText.Quote($"{options.Address.ToString().TrimEnd('/')}/v1/{string.Join('/', call.Path.Split('/').Select(Uri.EscapeDataString))}{(query.Length > 0 ? "?" + query : "")}")).Append('\n');
        return call.Body.IsEmpty ? text.ToString() : text + "# body on stdin: " + Shape(call) + "\n";
    }

    /// <summary>The policy that allows the call, in HCL.</summary>
    internal static string Policy(VaultCall call)
    {
        var capabilities = call.Method switch
        {
            "GET" => "\"read\"",
            "LIST" => "\"list\"",
            "DELETE" => "\"delete\"",
            "PATCH" => "\"patch\"",
            _ => "\"create\", \"update\"",
        };
        return $"path \"{call.Path}\" {{\n  capabilities = [{capabilities}]\n}}\n";
    }

    internal static string Summary(VaultCall call) => $"{call.Method} /v1/{call.Path}{(call.Body.IsEmpty ? "" : " " + Shape(call))}";

    /// <summary>The body with every value replaced.</summary>
    private static string Shape(VaultCall call)
    {
        try
        {
            return JsonText.Compact(Hide(JsonNode.Parse(call.Body.Span)));
        }
        catch (JsonException)
        {
            return "{…}";
        }
    }

    private static JsonNode? Hide(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(static p => KeyValuePair.Create(p.Key, Hide(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Hide)]),
        _ => JsonValue.Create("…"),
    };
}
