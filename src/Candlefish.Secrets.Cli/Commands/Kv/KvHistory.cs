using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv history</c>: the versions of a secret, newest first, without values.</summary>
internal static class KvHistory
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret");
        var mount = Args.Text("mount", "Mount of the engine");
        var command = new Command("history", "Show the versions of a secret") { path, mount };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = (await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation)).Versioned("history");
            var reply = await cli.Server.ReadAsync(place.Metadata, cancellation);
            var document = new JsonArray();
            var rows = new List<IReadOnlyList<string>>();
            foreach (var (number, version) in (reply.Data["versions"] as JsonObject ?? []).OrderByDescending(static v => Number(v.Key)))
            {
                var line = new JsonObject { ["version"] = Number(number), ["state"] = State(version) };
                foreach (var (key, value) in version as JsonObject ?? [])
                {
                    line[key] = value?.DeepClone();
                }

                document.Add((JsonNode)line);
                rows.Add(["v" + number, Time(cli, version?["created_time"]), Actor(version), State(version)]);
            }

            cli.Output.Write(ListView.Rows(document, ["Version", "Created", "By", "State"], rows));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string State(JsonNode? version) =>
        version?["destroyed"]?.ToString() == "true" ? "destroyed"
        : JsonText.Plain(version?["deletion_time"]).Length > 0 ? "deleted"
        : "live";

    private static string Actor(JsonNode? version) => JsonText.Plain(version?["created_by"]) is { Length: > 0 } actor ? actor : "-";

    private static string Time(CliContext cli, JsonNode? time)
    {
        var text = JsonText.Plain(time);
        return cli.Output.IsTerminal && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var at) ? Durations.Relative(at, cli.Now) : text;
    }
}
