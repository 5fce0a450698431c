using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary><c>secrets list</c> and <c>auth list</c>: the JSON form is the table itself by path, as in Vault.</summary>
internal static class MountList
{
    internal static Command Build(Invoker invoker, MountKind kind)
    {
        var detailed = Args.Switch("detailed", "All columns");
        var command = new Command("list", $"List {kind.Noun}s") { detailed };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var data = (await cli.Server.ReadAsync(kind.Api, cancellation)).Data;
            var mounts = data.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(static m => (m.Key, Value: m.Value as JsonObject ?? [])).ToList();
            cli.Output.Write(parse.GetValue(detailed)
                ? ListView.Rows(
                    data,
                    ["Path", "Plugin", "Accessor", "Default TTL", "Max TTL", "Force No Cache", "Replication", "Seal Wrap", "External Entropy Access", "Options", "Description", "UUID", "Version"],
                    mounts.Select(static m => Detailed(m.Key, m.Value)))
                : ListView.Rows(
                    data,
                    kind == MountKind.Auth ? ["Path", "Type", "Accessor", "Description", "Version"] : ["Path", "Type", "Accessor", "Description"],
                    mounts.Select(m => Short(kind, m.Key, m.Value))));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static string[] Short(MountKind kind, string path, JsonObject mount)
    {
        string[] row = [path, Text(mount["type"]), Text(mount["accessor"]), Or(Text(mount["description"]), "n/a")];
        return kind == MountKind.Auth ? [.. row, Or(Text(mount["plugin_version"]), "n/a")] : row;
    }

    private static string[] Detailed(string path, JsonObject mount)
    {
        var config = mount["config"] as JsonObject ?? [];
        return
        [
            path,
            Text(mount["type"]),
            Text(mount["accessor"]),
            Lifetime(config["default_lease_ttl"]),
            Lifetime(config["max_lease_ttl"]),
            Or(Text(config["force_no_cache"]), "false"),
            mount["local"]?.ToString() == "true" ? "local" : "replicated",
            Or(Text(mount["seal_wrap"]), "false"),
            Or(Text(mount["external_entropy_access"]), "false"),
            GoText.Of(mount["options"] ?? new JsonObject()),
            Text(mount["description"]),
            Text(mount["uuid"]),
            Or(Text(mount["plugin_version"]), "n/a"),
        ];
    }

    private static string Lifetime(JsonNode? seconds) => SecretView.Seconds(seconds) == 0 ? "system" : Durations.Human(SecretView.Seconds(seconds));

    private static string Text(JsonNode? node) => JsonText.Plain(node);

    private static string Or(string text, string other) => text.Length > 0 ? text : other;
}
