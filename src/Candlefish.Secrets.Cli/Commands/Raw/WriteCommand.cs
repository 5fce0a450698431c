using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Raw;

/// <summary><c>write</c> and <c>patch</c>: PUT and PATCH of any API path.</summary>
internal static class WriteCommand
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "API path");
        var data = Args.Many("data", "key=value, key=@file, key=- (stdin), @file.json or - (an object on stdin)");
        var force = Args.Switch("force", "Write without data", "-f");
        var command = new Command("write", "Write to any API path") { path, data, force };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var body = cli.Data().Parse(parse.GetValue(data) ?? []);
            if (body.Count == 0 && !parse.GetValue(force))
            {
                throw CliError.Usage("nothing to write", "no data is given", "add key=value, or -force to write without data");
            }

            var place = parse.GetRequiredValue(path).Trim('/');
            return Show(cli, await cli.Server.WriteAsync(place, body, cancellation), place);
        }));
        return command;
    }

    internal static Command BuildPatch(Invoker invoker)
    {
        var path = Args.Required("path", "API path");
        var data = Args.Many("data", "key=value, key=@file, key=- (stdin), @file.json or - (an object on stdin)");
        var force = Args.Switch("force", "Patch without data", "-f");
        var command = new Command("patch", "Merge-patch any API path") { path, data, force };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var body = cli.Data().Parse(parse.GetValue(data) ?? []);
            if (body.Count == 0 && !parse.GetValue(force))
            {
                throw CliError.Usage("nothing to patch", "no data is given", "add key=value, or -force to patch without data");
            }

            var place = parse.GetRequiredValue(path).Trim('/');
            return Show(cli, await cli.Server.PatchAsync(place, body, cancellation), place);
        }));
        return command;
    }

    private static int Show(CliContext cli, ApiReply reply, string path)
    {
        var hasContent = reply.Data.Count > 0 || reply.Auth is not null || reply.WrapInfo is not null || !reply.Body.ContainsKey("request_id");
        if (reply.IsEmpty || (!hasContent && cli.Output.IsForPeople))
        {
            cli.Output.Line($"Success! Data written to: {path}");
        }
        else
        {
            cli.Output.Write(ReadCommand.ViewOf(reply, isSecret: false));
        }

        return ExitCode.Ok;
    }
}
