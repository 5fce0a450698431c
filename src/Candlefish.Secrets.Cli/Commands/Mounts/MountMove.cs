using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary><c>secrets move</c> and <c>auth move</c>: the server moves in the background; the command waits for it.</summary>
internal static class MountMove
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    internal static Command Build(Invoker invoker, MountKind kind)
    {
        var source = Args.Required("source", "Mount to move");
        var target = Args.Required("target", "New place");
        var command = new Command("move", $"Move a {kind.Noun} to another path") { source, target };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var from = parse.GetRequiredValue(source).Trim('/') + "/";
            var to = parse.GetRequiredValue(target).Trim('/') + "/";
            var prefix = from.StartsWith(kind.Prefix, StringComparison.Ordinal) ? "" : kind.Prefix;
            var body = new JsonObject { ["from"] = prefix + from, ["to"] = (to.StartsWith(kind.Prefix, StringComparison.Ordinal) ? "" : kind.Prefix) + to };
            var reply = await cli.Server.WriteAsync("sys/remount", body, cancellation);
            if (JsonText.Plain(reply.Data["migration_id"]) is { Length: > 0 } id)
            {
                await WaitAsync(cli, id, cancellation);
            }

            cli.Output.Line($"Success! Finished moving {kind.Noun} {from} to {to}");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task WaitAsync(CliContext cli, string id, CancellationToken cancellation)
    {
        cli.Messages.Info($"Started moving, with migration ID {id}");
        var start = cli.Host.Clock.GetTimestamp();
        while (cli.Host.Clock.GetElapsedTime(start) < Patience)
        {
            var info = (await cli.Server.ReadAsync("sys/remount/status/" + id, cancellation)).Data["migration_info"] as JsonObject ?? [];
            switch (JsonText.Plain(info["status"]))
            {
                case "success" or "":
                    return;
                case "failure":
                    throw new CliError(ExitCode.Server, "the move failed", "the server's log has the reason", $"candlefish-secrets read sys/remount/status/{id}");
                default:
                    await Task.Delay(PollInterval, cli.Host.Clock, cancellation);
                    break;
            }
        }

        throw new CliError(ExitCode.Pending, "the move is still going on", "waiting timed out", $"candlefish-secrets read sys/remount/status/{id}");
    }
}
