using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Raw;

/// <summary><c>list</c>: names below any API path.</summary>
internal static class ListCommand
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "API path, for example secret/metadata/");
        var command = new Command("list", "List names below any API path") { path };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = parse.GetRequiredValue(path).Trim('/');
            var reply = await cli.Server.TryListAsync(place, cancellation);
            if (reply?.WrapInfo is not null)
            {
                cli.Output.Write(SecretView.Of(reply.Body));
                return ExitCode.Ok;
            }

            var names = reply is null ? [] : ListView.Keys(reply.Data).ToList();
            if (names.Count == 0)
            {
                throw new CliError(ExitCode.NotFound, $"no value found at {place}", "nothing lies below that path", "candlefish-secrets secrets list");
            }

            cli.Output.Write(ListView.Names(names));
            return ExitCode.Ok;
        }));
        return command;
    }
}
