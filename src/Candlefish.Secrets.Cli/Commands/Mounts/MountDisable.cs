using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary><c>secrets disable</c> and <c>auth disable</c>: all data of the mount is gone. On a terminal the path must be typed.</summary>
internal static class MountDisable
{
    internal static Command Build(Invoker invoker, MountKind kind)
    {
        var path = Args.Required("path", "Mount to disable");
        var command = new Command("disable", $"Disable a {kind.Noun} and delete its data") { path };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = parse.GetRequiredValue(path).Trim('/') + "/";
            if (cli.Prompt.CanAsk && !cli.IsDryRun && !cli.PrintsCurl && !cli.PrintsPolicy)
            {
                cli.Prompt.ConfirmByName($"Disabling {place} deletes everything in it for good.", place);
            }

            await cli.Server.DeleteAsync($"{kind.Api}/{place.TrimEnd('/')}", cancellation);
            cli.Output.Line($"Success! Disabled the {kind.Noun} (if it existed) at: {place}");
            return ExitCode.Ok;
        }));
        return command;
    }
}
