using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Token;

/// <summary><c>token lookup</c>: what the server knows about a token; without argument, about the one in use.</summary>
internal static class TokenLookup
{
    internal static Command Build(Invoker invoker)
    {
        var token = Args.Optional("token", "Token, accessor with -accessor, or - to read it from stdin");
        var accessor = Args.Switch("accessor", "The argument is an accessor");
        var self = Args.Switch("self", "The token in use, which is the default");
        var command = new Command("lookup", "Show what the server knows about a token") { token, accessor, self };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var text = TokenArgument.Read(cli, parse.GetValue(token));
            var reply = parse.GetValue(accessor)
                ? await cli.Server.WriteAsync("auth/token/lookup-accessor", new JsonObject { ["accessor"] = TokenArgument.Needed(text) }, cancellation)
                : text is null || parse.GetValue(self)
                    ? await cli.Server.ReadAsync("auth/token/lookup-self", cancellation)
                    : await cli.Server.WriteAsync("auth/token/lookup", new JsonObject { ["token"] = text }, cancellation);
            cli.Output.Write(SecretView.Of(reply.Body));
            return ExitCode.Ok;
        }));
        return command;
    }
}

/// <summary>The token or accessor argument of token commands.</summary>
internal static class TokenArgument
{
    /// <summary>The argument, or stdin for <c>-</c>.</summary>
    internal static string? Read(CliContext cli, string? argument) => argument == "-" ? cli.Host.ReadInput().Trim() : argument;

    internal static string Needed(string? text) => text ?? throw CliError.Usage(
        "no token or accessor is given", "the command needs one here", "give it as an argument, or - and the value on stdin");
}
