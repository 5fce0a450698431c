using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Policy;

/// <summary>The group <c>policy</c>: list, read, write and delete on the server; fmt and test.</summary>
internal static class PolicyCommand
{
    private const string Api = "sys/policies/acl";

    internal static Command Build(Invoker invoker) => new("policy", "List, read, write, format and test policies")
    {
        List(invoker),
        Read(invoker),
        Write(invoker),
        Delete(invoker),
        PolicyFormat.Build(invoker),
        PolicyTest.Build(invoker),
    };

    private static Command List(Invoker invoker)
    {
        var command = new Command("list", "List policies");
        command.SetAction(invoker.Run(async (cli, _, cancellation) =>
        {
            var names = ListView.Keys((await cli.Server.TryListAsync(Api, cancellation))?.Data ?? []).ToList();
            cli.Output.Write(ListView.Names(names) with { Text = string.Concat(names.Select(static n => n + "\n")) });
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Read(Invoker invoker)
    {
        var name = Args.Required("name", "Name of the policy");
        var command = new Command("read", "Print the rules of a policy") { name };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var policy = parse.GetRequiredValue(name);
            var reply = await cli.Server.TryReadAsync($"{Api}/{policy}", cancellation)
                ?? throw new CliError(ExitCode.NotFound, $"No policy named: {policy}", "the server has no such policy", "candlefish-secrets policy list");
            var rules = JsonText.Plain(reply.Data["policy"] ?? reply.Data["rules"]);
            var document = new JsonObject { ["policy"] = rules };
            cli.Output.Write(new View(document) { Text = rules.EndsWith('\n') ? rules : rules + "\n", Fields = [document, reply.Data] });
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Write(Invoker invoker)
    {
        var name = Args.Required("name", "Name of the policy");
        var file = Args.Required("file", "File with the rules, plain or wrapped in policy \"NAME\" { rules = … }, or - for stdin");
        var command = new Command("write", "Upload a policy") { name, file };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var policy = parse.GetRequiredValue(name).Trim().ToLowerInvariant();
            var source = parse.GetRequiredValue(file);
            var text = source == "-" ? cli.Host.ReadInput() : cli.Data().ReadFile(source.TrimStart('@'));
            await cli.Server.WriteAsync($"{Api}/{policy}", new JsonObject { ["policy"] = text }, cancellation);
            cli.Output.Line($"Success! Uploaded policy: {policy}");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Delete(Invoker invoker)
    {
        var name = Args.Required("name", "Name of the policy");
        var command = new Command("delete", "Delete a policy") { name };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var policy = parse.GetRequiredValue(name).Trim().ToLowerInvariant();
            await cli.Server.DeleteAsync($"{Api}/{policy}", cancellation);
            cli.Output.Line($"Success! Deleted policy: {policy}");
            return ExitCode.Ok;
        }));
        return command;
    }
}
