using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary><c>secrets tune</c> and <c>auth tune</c>.</summary>
internal static class MountTune
{
    internal static Command Build(Invoker invoker, MountKind kind)
    {
        var path = Args.Required("path", "Mount to tune");
        var options = new MountOptions();
        var command = new Command("tune", $"Change the settings of a {kind.Noun}") { path };
        options.AddTo(command);
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = parse.GetRequiredValue(path).Trim('/');
            var body = options.Config(parse);
            if (options.Description(parse) is { } description)
            {
                body["description"] = description;
            }

            if (options.Options(parse) is { } own)
            {
                body["options"] = own;
            }

            if (body.Count == 0)
            {
                throw CliError.Usage("nothing to change", "no setting is given", $"candlefish-secrets {kind.Command} tune --help");
            }

            await cli.Server.WriteAsync($"{kind.Api}/{place}/tune", body, cancellation);
            cli.Output.Line($"Success! Tuned the {kind.Noun} at: {place}/");
            return ExitCode.Ok;
        }));
        return command;
    }
}
