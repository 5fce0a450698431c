using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary><c>operator rotate</c> and <c>operator key-status</c>: the term of the key ring.</summary>
internal static class OperatorRotate
{
    internal static Command Build(Invoker invoker)
    {
        var command = new Command("rotate", "Start a new term of the key ring") { Aliases = { "rotate-keys" } };
        command.SetAction(invoker.Run(async (cli, _, cancellation) =>
        {
            await cli.Server.WriteAsync("sys/rotate", null, cancellation);
            cli.Messages.Done("Rotated key");
            await ShowAsync(cli, cancellation);
            return ExitCode.Ok;
        }));
        return command;
    }

    internal static Command BuildKeyStatus(Invoker invoker)
    {
        var command = new Command("key-status", "Show the term of the key ring");
        command.SetAction(invoker.Run(async (cli, _, cancellation) =>
        {
            await ShowAsync(cli, cancellation);
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task ShowAsync(CliContext cli, CancellationToken cancellation)
    {
        var reply = await cli.Server.ReadAsync("sys/key-status", cancellation);
        var data = reply.Data;
        cli.Output.Write(new View(reply.Body)
        {
            Sections =
            [
                Section.Pairs(
                [
                    ("Key Term", JsonText.Plain(data["term"])),
                    ("Install Time", JsonText.Plain(data["install_time"])),
                    ("Encryption Count", JsonText.Plain(data["encryptions"])),
                ]),
            ],
            Fields = [data],
        });
    }
}
