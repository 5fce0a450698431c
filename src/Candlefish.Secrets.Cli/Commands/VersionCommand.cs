using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands;

/// <summary><c>version</c> with flags; without any, <see cref="Program"/> answers before this is loaded.</summary>
internal static class VersionCommand
{
    internal static Command Build(Invoker invoker)
    {
        var command = new Command("version", "Show the version of this executable");
        command.SetAction(invoker.Run((cli, _, _) =>
        {
            var document = new JsonObject { ["version"] = ProductVersion.Text };
            cli.Output.Write(new View(document) { Text = $"candlefish-secrets {ProductVersion.Text}\n", Fields = [document] });
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }
}
