using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv list</c>: names of secrets, never values.</summary>
internal static class KvList
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Optional("path", "Folder to list");
        var mount = Args.Text("mount", "Mount of the engine");
        var recursive = Args.Switch("recursive", "All secrets below the folder", "-r");
        var detailed = Args.Switch("long", "Add version, age, owner and next rotation");
        var match = Args.Text("match", "Only paths that match this glob");
        var command = new Command("list", "List names of secrets") { path, mount, recursive, detailed, match };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            if (parse.GetValue(path) is null && parse.GetValue(mount) is null)
            {
                throw CliError.Usage("no folder is given", "kv list needs a path or -mount", "candlefish-secrets kv list secret/");
            }

            var folder = await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetValue(path) ?? "", cancellation);
            var names = new List<string>();
            if (parse.GetValue(recursive))
            {
                await foreach (var secret in KvTree.SecretsAsync(cli, folder, cancellation))
                {
                    names.Add(folder.Mount + secret);
                }
            }
            else
            {
                names = await KvTree.NamesAsync(cli, folder, cancellation) ?? [];
            }

            names.RemoveAll(n => !KvTree.Matches(parse.GetValue(match), n));
            if (names.Count == 0)
            {
                throw new CliError(ExitCode.NotFound, $"nothing found at {folder.Display}", "no secret lies there, or none that matches", $"candlefish-secrets kv list {folder.Mount}");
            }

            cli.Output.Write(parse.GetValue(detailed)
                ? await DetailsAsync(cli, folder, names, parse.GetValue(recursive), cancellation)
                : ListView.Names(names));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<View> DetailsAsync(CliContext cli, KvPath folder, List<string> names, bool areFull, CancellationToken cancellation)
    {
        var document = new JsonArray();
        var rows = new List<IReadOnlyList<string>>();
        var prefix = folder.Path.Length == 0 || folder.Path.EndsWith('/') ? folder.Path : folder.Path + "/";
        foreach (var name in names)
        {
            var secret = folder.With(areFull ? name[folder.Mount.Length..] : prefix + name);
            var metadata = name.EndsWith('/') || !folder.IsVersioned ? null : await cli.Server.TryReadAsync(secret.Metadata, cancellation);
            var data = metadata?.Data ?? [];
            var custom = data["custom_metadata"] as JsonObject ?? [];
            var updated = JsonText.Plain(data["updated_time"]);
            document.Add((JsonNode)new JsonObject
            {
                ["path"] = name,
                ["version"] = data["current_version"]?.DeepClone(),
                ["updated_time"] = updated.Length == 0 ? null : updated,
                ["owner"] = custom["owner"]?.DeepClone(),
                ["next_rotation"] = custom["next_rotation"]?.DeepClone(),
            });
            rows.Add(
            [
                name,
                JsonText.Plain(data["current_version"]),
                DateTimeOffset.TryParse(updated, System.Globalization.CultureInfo.InvariantCulture, out var at) ? Durations.Relative(at, cli.Now) : "",
                JsonText.Plain(custom["owner"]),
                JsonText.Plain(custom["next_rotation"]),
            ]);
        }

        return ListView.Rows(document, ["Path", "Version", "Age", "Owner", "Next rotation"], rows);
    }
}
