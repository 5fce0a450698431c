using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Token;

/// <summary><c>token revoke</c>: ends a token, its leases and (unless <c>-mode=orphan</c>) its children.</summary>
internal static class TokenRevoke
{
    internal static Command Build(Invoker invoker)
    {
        var token = Args.Optional("token", "Token, accessor with -accessor, or - to read it from stdin");
        var accessor = Args.Switch("accessor", "The argument is an accessor");
        var self = Args.Switch("self", "The token in use");
        var mode = Args.Text("mode", "orphan keeps the children; path revokes all tokens of a login path");
        var command = new Command("revoke", "Revoke a token") { token, accessor, self, mode };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var text = TokenArgument.Read(cli, parse.GetValue(token));
            if (text is null && !parse.GetValue(self))
            {
                throw CliError.Usage("no token is given", "the token in use is revoked only with -self", "candlefish-secrets token revoke -self");
            }

            var (path, body) = parse.GetValue(self) ? ("auth/token/revoke-self", new JsonObject())
                : parse.GetValue(accessor) ? ("auth/token/revoke-accessor", new JsonObject { ["accessor"] = text })
                : parse.GetValue(mode) switch
                {
                    null or "" => ("auth/token/revoke", new JsonObject { ["token"] = text }),
                    "orphan" => ("auth/token/revoke-orphan", new JsonObject { ["token"] = text }),
                    "path" => ("sys/leases/revoke-prefix/" + text, new JsonObject()),
                    var other => throw CliError.Usage($"unknown mode \"{other}\"", "it is orphan or path", "-mode=orphan"),
                };
            await cli.Server.WriteAsync(path, body, cancellation);
            cli.Output.Line("Success! Revoked token (if it existed)");
            return ExitCode.Ok;
        }));
        return command;
    }
}
