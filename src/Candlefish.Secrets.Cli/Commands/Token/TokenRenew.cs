using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Token;

/// <summary><c>token renew</c>: more lifetime for a token; without argument, for the one in use.</summary>
internal static class TokenRenew
{
    internal static Command Build(Invoker invoker)
    {
        var token = Args.Optional("token", "Token, accessor with -accessor, or - to read it from stdin");
        var accessor = Args.Switch("accessor", "The argument is an accessor");
        var increment = Args.Text("increment", "Lifetime to ask for, counted from now", "-i");
        var command = new Command("renew", "Renew a token") { token, accessor, increment };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var text = TokenArgument.Read(cli, parse.GetValue(token));
            var body = new JsonObject();
            if (parse.GetValue(increment) is { } asked)
            {
                body["increment"] = asked;
            }

            var path = "auth/token/renew-self";
            if (parse.GetValue(accessor))
            {
                path = "auth/token/renew-accessor";
                body["accessor"] = TokenArgument.Needed(text);
            }
            else if (text is not null)
            {
                path = "auth/token/renew";
                body["token"] = text;
            }

            cli.Output.Write(SecretView.Of((await cli.Server.WriteAsync(path, body, cancellation)).Body));
            return ExitCode.Ok;
        }));
        return command;
    }
}
