using System.Text.Json;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>A successful answer as JSON nodes. <see cref="Body"/> is an empty object for an answer without content.</summary>
internal sealed class ApiReply
{
    private ApiReply(JsonObject body, VaultReply reply, bool isJson)
    {
        Body = body;
        Raw = reply;
        IsJson = isJson;
    }

    internal JsonObject Body { get; }

    internal VaultReply Raw { get; }

    /// <summary>False for text and binary answers, such as certificates in PEM: <see cref="Raw"/> has them.</summary>
    internal bool IsJson { get; }

    internal bool IsEmpty => Body.Count == 0;

    /// <summary>The <c>data</c> object; empty when there is none.</summary>
    internal JsonObject Data => Body["data"] as JsonObject ?? [];

    internal JsonObject? Auth => Body["auth"] as JsonObject;

    internal JsonObject? WrapInfo => Body["wrap_info"] as JsonObject;

    internal IEnumerable<string> Warnings => (Body["warnings"] as JsonArray ?? []).Select(static w => w?.ToString() ?? "");

    /// <summary>Reads the body; anything but a JSON object is left in <see cref="Raw"/>.</summary>
    internal static ApiReply From(VaultReply reply)
    {
        if (reply.Body.IsEmpty)
        {
            return new ApiReply([], reply, isJson: true);
        }

        try
        {
            return JsonNode.Parse(reply.Body.Span) is JsonObject body ? new ApiReply(body, reply, isJson: true) : new ApiReply([], reply, isJson: false);
        }
        catch (JsonException)
        {
            return new ApiReply([], reply, isJson: false);
        }
    }
}
