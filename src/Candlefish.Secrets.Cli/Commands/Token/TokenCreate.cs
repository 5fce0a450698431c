using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Token;

/// <summary><c>token create</c>: a child of the token in use.</summary>
internal static class TokenCreate
{
    internal static Command Build(Invoker invoker)
    {
        var id = Args.Text("id", "Value of the token (needs sudo)");
        var name = Args.Text("display-name", "Name shown in logs");
        var ttl = Args.Text("ttl", "First lifetime");
        var maximum = Args.Text("explicit-max-ttl", "Hard bound of the lifetime");
        var period = Args.Text("period", "Renewable for ever in steps of this length (needs sudo)");
        var renewable = new Option<bool?>("--renewable") { Description = "Whether it can be renewed, true by default", Arity = ArgumentArity.ZeroOrOne };
        var orphan = Args.Switch("orphan", "No parent: it outlives this token (needs sudo)");
        var noDefault = Args.Switch("no-default-policy", "Without the policy default");
        var uses = Args.Number("use-limit", "Number of uses, 0 for no bound");
        var type = Args.Text("type", "service or batch");
        var alias = Args.Text("entity-alias", "Name of the entity alias (with -role)");
        var role = Args.Text("role", "Token role");
        var policies = Args.List("policy", "Name of a policy, may be given several times");
        var metadata = Args.List("metadata", "key=value, may be given several times");
        var command = new Command("create", "Create a token")
        {
            id, name, ttl, maximum, period, renewable, orphan, noDefault, uses, type, alias, role, policies, metadata,
        };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var body = new JsonObject();
            foreach (var (key, option) in new[]
            {
                ("id", id), ("display_name", name), ("ttl", ttl), ("explicit_max_ttl", maximum), ("period", period), ("type", type), ("entity_alias", alias),
            })
            {
                if (parse.GetValue(option) is { } text)
                {
                    body[key] = text;
                }
            }

            body["renewable"] = parse.GetValue(renewable) ?? true;
            if (Args.Split(parse.GetValue(policies)) is { Length: > 0 } names)
            {
                body["policies"] = new JsonArray([.. names.Select(static n => (JsonNode?)n)]);
            }

            if (parse.GetValue(uses) is { } limit)
            {
                body["num_uses"] = limit;
            }

            if (parse.GetValue(orphan))
            {
                body["no_parent"] = true;
            }

            if (parse.GetValue(noDefault))
            {
                body["no_default_policy"] = true;
            }

            if (parse.GetValue(metadata) is { Length: > 0 } pairs)
            {
                body["meta"] = new JsonObject(Args.Pairs("metadata", pairs).Select(static p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
            }

            var path = "auth/token/create" + (parse.GetValue(role) is { } named ? "/" + named : "");
            cli.Output.Write(SecretView.Of((await cli.Server.WriteAsync(path, body, cancellation)).Body));
            return ExitCode.Ok;
        }));
        return command;
    }
}
