using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary><c>operator seal</c>: the server forgets its root key.</summary>
internal static class OperatorSeal
{
    internal static Command Build(Invoker invoker)
    {
        var command = new Command("seal", "Seal the server: it forgets its root key");
        command.SetAction(invoker.Run(async (cli, _, cancellation) =>
        {
            await cli.Server.WriteAsync("sys/seal", null, cancellation);
            cli.Output.Line("Success! Vault is sealed.");
            return ExitCode.Ok;
        }));
        return command;
    }
}
