using System.Text.Json;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>A successful answer as JSON nodes. <see cref="Body"/> is an empty object for an answer without content.</summary>
internal sealed class ApiReply
{
    private ApiReply(JsonObject body, VaultReply reply)
    {
        Body = body;
        Raw = reply;
    }

    internal JsonObject Body { get; }

    internal VaultReply Raw { get; }

    internal bool IsEmpty => Body.Count == 0;

    /// <summary>The <c>data</c> object; empty when there is none.</summary>
    internal JsonObject Data => Body["data"] as JsonObject ?? [];

    internal JsonObject? Auth => Body["auth"] as JsonObject;

    internal JsonObject? WrapInfo => Body["wrap_info"] as JsonObject;

    internal IEnumerable<string> Warnings => (Body["warnings"] as JsonArray ?? []).Select(static w => w?.ToString() ?? "");

    /// <exception cref="CliError">The body is not a JSON object.</exception>
    internal static ApiReply From(VaultReply reply)
    {
        if (reply.Body.IsEmpty)
        {
            return new ApiReply([], reply);
        }

        try
        {
            return new ApiReply(JsonNode.Parse(reply.Body.Span) as JsonObject ?? [], reply);
        }
        catch (JsonException)
        {
            return new ApiReply([], reply);
        }
    }
}
