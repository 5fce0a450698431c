using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Login;

/// <summary><c>whoami</c>: the identity behind the token in use, never the token.</summary>
internal static class WhoamiCommand
{
    internal static Command Build(Invoker invoker)
    {
        var command = new Command("whoami", "Show who the token in use stands for");
        command.SetAction(invoker.Run(async (cli, _, cancellation) =>
        {
            var data = (await cli.Server.ReadAsync("auth/token/lookup-self", cancellation)).Data;
            var policies = (data["policies"] as JsonArray ?? []).Concat(data["identity_policies"] as JsonArray ?? []).Select(static p => p?.ToString() ?? "").Distinct().ToList();
            var context = cli.Settings.Context ?? "default";
            var document = new JsonObject
            {
                ["display_name"] = data["display_name"]?.DeepClone(),
                ["entity_id"] = data["entity_id"]?.DeepClone(),
                ["accessor"] = data["accessor"]?.DeepClone(),
                ["policies"] = new JsonArray([.. policies.Select(static p => (JsonNode?)p)]),
                ["ttl"] = data["ttl"]?.DeepClone(),
                ["context"] = context,
                ["address"] = cli.Settings.ServerAddress().Value,
            };
            var entity = JsonText.Plain(data["entity_id"]) is { Length: > 0 } id ? $"entity {id}" : "no entity";
            var separator = cli.Messages.Ascii ? " | " : " · ";
            var line = string.Join(separator, JsonText.Plain(data["display_name"]), entity, "policies " + string.Join(',', policies), "ttl " + SecretView.Lifetime(data["ttl"]), "context " + context);
            cli.Output.Write(new View(document) { Text = line + "\n", Fields = [document] });
            return ExitCode.Ok;
        }));
        return command;
    }
}
