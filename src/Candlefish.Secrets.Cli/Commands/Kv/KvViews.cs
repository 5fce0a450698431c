using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary>Tables shared by the kv commands.</summary>
internal static class KvViews
{
    /// <summary>Metadata of one version, as Vault shows it: unset times are <c>n/a</c>.</summary>
    internal static Section Metadata(JsonObject metadata) => Section.Pairs(
        metadata.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => (p.Key, p.Value is JsonValue && p.Value.ToString().Length == 0 ? "n/a" : GoText.Of(p.Value))),
        "Metadata");

    /// <summary>Secret values, masked on a terminal; TSV holds nested values as JSON.</summary>
    internal static Section Values(JsonObject values, string? title) =>
        Section.Pairs(values.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => (p.Key, JsonText.Plain(p.Value))), title) with { SecretFrom = 0 };

    /// <summary>The answer to a write.</summary>
    internal static View Written(KvPath place, JsonObject envelope) => envelope["data"] is JsonObject data
        ? new View(envelope)
        {
            Sections = [new Section("Secret Path", [], []) { Lead = place.Data, TableOnly = true }, Metadata(data)],
            Fields = [data],
        }
        : SecretView.Of(envelope);
}
