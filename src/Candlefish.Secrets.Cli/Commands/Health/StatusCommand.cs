using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Health;

/// <summary><c>status</c>: exit code 0 unsealed, 1 error, 2 sealed, as in Vault.</summary>
internal static class StatusCommand
{
    internal const int SealedCode = 2;

    internal static Command Build(Invoker invoker)
    {
        var command = new Command("status", "Show whether the server is sealed; exit code 0 unsealed, 1 error, 2 sealed");
        command.SetAction(invoker.Run(async (cli, _, cancellation) =>
        {
            try
            {
                var status = await SealStatus.ReadAsync(cli, cancellation);
                cli.Output.Write(SealStatus.ViewOf(status));
                return SealStatus.IsSealed(status) ? SealedCode : ExitCode.Ok;
            }
            catch (CliError error)
            {
                throw new CliError(ExitCode.Usage, error.Message, error.Why, error.Next) { RequestId = error.RequestId, Status = error.Status };
            }
        }));
        return command;
    }
}
