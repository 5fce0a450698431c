using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv find</c>: paths whose name, key names or tags match. The token's policies bound what is seen; values are never read.</summary>
internal static class KvFind
{
    internal static Command Build(Invoker invoker)
    {
        var text = Args.Optional("text", "Text the path contains");
        var keys = Args.Switch("keys", "Look at the names of the keys too");
        var path = Args.Text("path", "Search below this folder; all key/value mounts by default");
        var tags = Args.List("tag", "k=v that the secret's metadata must hold");
        var command = new Command("find", "Find secrets by name, key name or tag") { text, keys, path, tags };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var wanted = Args.Pairs("tag", parse.GetValue(tags)).ToList();
            var needle = parse.GetValue(text);
            if (needle is null && wanted.Count == 0)
            {
                throw CliError.Usage("nothing to find", "neither a text nor --tag is given", "candlefish-secrets kv find db");
            }

            var found = new List<string>();
            foreach (var folder in await FoldersAsync(cli, parse.GetValue(path), cancellation))
            {
                await foreach (var secret in KvTree.SecretsAsync(cli, folder, cancellation))
                {
                    var place = folder.With(secret);
                    if (await NameMatchesAsync(cli, place, needle, parse.GetValue(keys), cancellation)
                        && await TagsMatchAsync(cli, place, wanted, cancellation))
                    {
                        found.Add(place.Display);
                    }
                }
            }

            if (found.Count == 0)
            {
                throw new CliError(ExitCode.NotFound, "no secret matches", "none that this token may list", "candlefish-secrets secrets list");
            }

            cli.Output.Write(ListView.Names(found, "Path"));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<List<KvPath>> FoldersAsync(CliContext cli, string? path, CancellationToken cancellation)
    {
        if (path is not null)
        {
            return [await KvPath.ResolveAsync(cli, null, path, cancellation)];
        }

        var mounts = await cli.Server.ReadAsync("sys/internal/ui/mounts", cancellation);
        return
        [
            .. (mounts.Data["secret"] as JsonObject ?? [])
                .Where(static m => m.Value?["type"]?.ToString() == "kv")
                .Select(static m => new KvPath(m.Key, (m.Value?["options"] as JsonObject)?["version"]?.ToString() == "2", "")),
        ];
    }

    private static async Task<bool> NameMatchesAsync(CliContext cli, KvPath place, string? needle, bool keys, CancellationToken cancellation)
    {
        if (needle is null || place.Display.Contains(needle, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!keys || !place.IsVersioned)
        {
            return false;
        }

        var reply = await cli.Server.TryReadAsync(place.Of("subkeys"), cancellation);
        return (reply?.Data["subkeys"] as JsonObject ?? []).Any(k => k.Key.Contains(needle, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<bool> TagsMatchAsync(CliContext cli, KvPath place, List<KeyValuePair<string, string>> wanted, CancellationToken cancellation)
    {
        if (wanted.Count == 0)
        {
            return true;
        }

        var reply = place.IsVersioned ? await cli.Server.TryReadAsync(place.Metadata, cancellation) : null;
        var custom = reply?.Data["custom_metadata"] as JsonObject ?? [];
        return wanted.TrueForAll(w => custom[w.Key]?.ToString() == w.Value);
    }
}
