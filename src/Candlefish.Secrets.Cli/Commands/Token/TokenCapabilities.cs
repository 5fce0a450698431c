using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Token;

/// <summary><c>token capabilities [TOKEN] PATH</c>: what a token may do at a path.</summary>
internal static class TokenCapabilities
{
    internal static Command Build(Invoker invoker)
    {
        var arguments = Args.Many("arguments", "[token] path; the token in use by default");
        var accessor = Args.Switch("accessor", "The first argument is an accessor");
        var command = new Command("capabilities", "Show what a token may do at a path") { arguments, accessor };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var words = parse.GetValue(arguments) ?? [];
            var (path, body) = words switch
            {
                [var place] when !parse.GetValue(accessor) => ("sys/capabilities-self", Body(null, "", place)),
                [var of, var place] when parse.GetValue(accessor) => ("sys/capabilities-accessor", Body("accessor", of, place)),
                [var of, var place] => ("sys/capabilities", Body("token", of == "-" ? cli.Host.ReadInput().Trim() : of, place)),
                _ => throw CliError.Usage("the arguments do not fit", "it is a path, or a token and a path", "candlefish-secrets token capabilities secret/data/app"),
            };
            var reply = await cli.Server.WriteAsync(path, body, cancellation);
            var names = (reply.Data["capabilities"] as JsonArray ?? []).Select(static c => c?.ToString() ?? "").Order(StringComparer.Ordinal).ToList();
            cli.Output.Write(ListView.Names(names) with { Text = string.Join(", ", names) + "\n" });
            return ExitCode.Ok;
        }));
        return command;
    }

    private static JsonObject Body(string? key, string value, string path)
    {
        var body = new JsonObject { ["paths"] = new JsonArray((JsonNode)path) };
        if (key is not null)
        {
            body[key] = value;
        }

        return body;
    }
}
