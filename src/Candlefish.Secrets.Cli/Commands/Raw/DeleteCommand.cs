using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Raw;

/// <summary><c>delete</c>: DELETE of any API path.</summary>
internal static class DeleteCommand
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "API path");
        var data = Args.Many("query", "key=value sent as query parameters");
        var command = new Command("delete", "Delete any API path") { path, data };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = parse.GetRequiredValue(path).Trim('/');
            var reply = await cli.Server.DeleteAsync(place, cancellation, [.. Args.Pairs("query", parse.GetValue(data))]);
            if (reply.Data.Count > 0)
            {
                cli.Output.Write(SecretView.Of(reply.Body));
            }
            else
            {
                cli.Output.Line($"Success! Data deleted (if it existed) at: {place}");
            }

            return ExitCode.Ok;
        }));
        return command;
    }
}
