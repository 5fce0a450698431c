using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Commands.Health;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary><c>operator unseal</c>: gives one key share to the server.</summary>
internal static class OperatorUnseal
{
    internal static Command Build(Invoker invoker)
    {
        var key = Args.Optional("key", "Key share, or - to read it from stdin; asked for without echo when absent");
        var reset = Args.Switch("reset", "Forget the shares given so far");
        var migrate = Args.Switch("migrate", "The shares belong to the seal that is migrated away from");
        var command = new Command("unseal", "Give one unseal key share") { key, reset, migrate };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var body = parse.GetValue(reset)
                ? new JsonObject { ["reset"] = true }
                : new JsonObject { ["key"] = KeyShare.Read(cli, parse.GetValue(key), "Unseal key share") };
            if (parse.GetValue(migrate))
            {
                body["migrate"] = true;
            }

            var status = (await cli.Server.WriteAsync("sys/unseal", body, cancellation)).Body;
            cli.Output.Write(SealStatus.ViewOf(status));
            if (SealStatus.IsSealed(status))
            {
                cli.Messages.Info($"Unseal progress {Bar(status, cli.Messages.Ascii)}");
            }

            return ExitCode.Ok;
        }));
        return command;
    }

    private static string Bar(JsonObject status, bool ascii)
    {
        var (done, all) = ((int)SecretView.Seconds(status["progress"]), (int)SecretView.Seconds(status["t"]));
        var full = Math.Clamp(done, 0, all);
        return $"[{new string(ascii ? '#' : '█', full * 2)}{new string(ascii ? '-' : '─', (all - full) * 2)}] {done}/{all}";
    }
}
