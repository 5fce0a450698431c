using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Raw;

/// <summary><c>wrap</c> puts data behind a single-use token; <c>unwrap</c> takes what lies behind one.</summary>
internal static class WrapCommand
{
    internal static Command Build(Invoker invoker)
    {
        var data = Args.Many("data", "key=value, key=@file, key=- or @file.json");
        var ttl = Args.Text("ttl", "Lifetime of the wrapping token, 5m by default");
        var command = new Command("wrap", "Put data behind a single-use token") { data, ttl };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var body = cli.Data().Parse(parse.GetValue(data) ?? []);
            if (body.Count == 0)
            {
                throw CliError.Usage("nothing to wrap", "no key=value argument is given", "candlefish-secrets wrap key=-");
            }

            var lifetime = parse.GetValue(ttl) ?? cli.Settings[SettingRule.WrapTtl].Value ?? "5m";
            var call = new VaultCall("PUT", "sys/wrapping/wrap") { Body = JsonText.Utf8(body), WrapTtl = lifetime };
            cli.Output.Write(SecretView.Of((await cli.Server.SendAsync(call, cancellation)).Body));
            return ExitCode.Ok;
        }));
        return command;
    }

    internal static Command BuildUnwrap(Invoker invoker)
    {
        var token = Args.Optional("token", "Wrapping token, or - to read it from stdin; the token in use by default");
        var command = new Command("unwrap", "Take what lies behind a wrapping token") { token };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var text = parse.GetValue(token) == "-" ? cli.Host.ReadInput().Trim() : parse.GetValue(token);
            var call = new VaultCall("PUT", "sys/wrapping/unwrap") { WrapTtl = "" };
            if (text is not null)
            {
                // Without a token of one's own the wrapping token authenticates itself.
                call = cli.Server.HasToken
                    ? call with { Body = JsonText.Utf8(new JsonObject { ["token"] = text }) }
                    : call with { Token = text };
            }

            cli.Output.Write(ReadCommand.ViewOf(await cli.Server.SendAsync(call, cancellation), isSecret: true));
            return ExitCode.Ok;
        }));
        return command;
    }
}
