using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv diff</c>: which keys differ between two versions. Values are shown only with <c>--reveal</c>; otherwise their lengths.</summary>
internal static class KvDiff
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret");
        var versions = Args.Many("versions", "Two version numbers; the last two by default");
        var mount = Args.Text("mount", "Mount of the engine");
        var command = new Command("diff", "Compare two versions of a secret") { path, versions, mount };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = (await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation)).Versioned("diff");
            var (from, to) = await NumbersAsync(cli, place, parse.GetValue(versions) ?? [], cancellation);
            var old = await ValuesAsync(cli, place, from, cancellation);
            var now = await ValuesAsync(cli, place, to, cancellation);
            var rows = new List<IReadOnlyList<string>>();
            var document = new JsonArray();
            foreach (var key in old.Select(static p => p.Key).Union(now.Select(static p => p.Key)).Order(StringComparer.Ordinal))
            {
                var (was, has) = (old.ContainsKey(key), now.ContainsKey(key));
                if (was && has && JsonNode.DeepEquals(old[key], now[key]))
                {
                    continue;
                }

                document.Add((JsonNode)new JsonObject { ["key"] = key, ["change"] = !was ? "added" : !has ? "removed" : "changed" });
                if (was)
                {
                    rows.Add(["-", key, Shown(cli, old[key])]);
                }

                if (has)
                {
                    rows.Add(["+", key, Shown(cli, now[key])]);
                }
            }

            cli.Messages.Info(document.Count == 0 ? $"v{from} and v{to} are equal" : $"v{from} -> v{to}");
            cli.Output.Write(ListView.Rows(document, [], rows));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static string Shown(CliContext cli, JsonNode? value)
    {
        var text = JsonText.Plain(value);
        return cli.Output.Reveal ? text : $"{(cli.Messages.Ascii ? "****" : "••••")}({text.Length})";
    }

    private static async Task<(int From, int To)> NumbersAsync(CliContext cli, KvPath place, string[] written, CancellationToken cancellation)
    {
        var numbers = Array.ConvertAll(written, static w => int.TryParse(w.TrimStart('v'), out var n) ? n : 0);
        if (numbers.Length is not (0 or 2) || numbers.Any(static n => n <= 0))
        {
            throw CliError.Usage("kv diff compares two versions", "give two version numbers or none", "candlefish-secrets kv diff PATH 1 2");
        }

        if (numbers.Length == 2)
        {
            return (numbers[0], numbers[1]);
        }

        var reply = await cli.Server.ReadAsync(place.Metadata, cancellation);
        var current = (int)SecretView.Seconds(reply.Data["current_version"]);
        return current >= 2 ? (current - 1, current) : throw new CliError(
            ExitCode.NotFound, "there is nothing to compare", $"{place.Display} has one version only", $"candlefish-secrets kv history {place.Display}");
    }

    private static async Task<JsonObject> ValuesAsync(CliContext cli, KvPath place, int version, CancellationToken cancellation) =>
        (await KvRollback.VersionAsync(cli, place, version, cancellation))?.Data["data"] as JsonObject
        ?? throw new CliError(
            ExitCode.NotFound, $"secret not found: {place.Display} version {version}", "it does not exist, or is deleted or destroyed", $"candlefish-secrets kv history {place.Display}");
}
