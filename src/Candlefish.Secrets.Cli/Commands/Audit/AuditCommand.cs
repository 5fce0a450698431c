using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Audit;

/// <summary>The group <c>audit</c>: devices, the HMAC of a value in their logs, and the verification of trails.</summary>
internal static class AuditCommand
{
    internal static Command Build(Invoker invoker) => new("audit", "Audit devices and the verification of their trails")
    {
        Enable(invoker),
        Disable(invoker),
        List(invoker),
        Hash(invoker),
        AuditVerify.Build(invoker),
    };

    private static Command Enable(Invoker invoker)
    {
        var type = Args.Required("type", "file, syslog or socket");
        var data = Args.Many("options", "key=value, for example file_path=/var/log/audit.log");
        var path = Args.Text("path", "Name of the device; the type by default");
        var description = Args.Text("description", "Description for people");
        var local = Args.Switch("local", "Not replicated");
        var command = new Command("enable", "Enable an audit device") { type, data, path, description, local };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var kind = parse.GetRequiredValue(type);
            var place = (parse.GetValue(path) ?? kind).Trim('/');
            var body = new JsonObject
            {
                ["type"] = kind,
                ["description"] = parse.GetValue(description) ?? "",
                ["options"] = new JsonObject(Args.Pairs("options", parse.GetValue(data)).Select(static p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
                ["local"] = parse.GetValue(local),
            };
            await cli.Server.WriteAsync("sys/audit/" + place, body, cancellation);
            cli.Output.Line($"Success! Enabled the {kind} audit device at: {place}/");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Disable(Invoker invoker)
    {
        var path = Args.Required("path", "Name of the device");
        var command = new Command("disable", "Disable an audit device") { path };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = parse.GetRequiredValue(path).Trim('/');
            await cli.Server.DeleteAsync("sys/audit/" + place, cancellation);
            cli.Output.Line($"Success! Disabled audit device (if it was enabled) at: {place}/");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command List(Invoker invoker)
    {
        var detailed = Args.Switch("detailed", "All columns");
        var command = new Command("list", "List audit devices") { detailed };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var data = (await cli.Server.ReadAsync("sys/audit", cancellation)).Data;
            if (data.Count == 0 && cli.Output.IsForPeople)
            {
                cli.Messages.Info("No audit devices are enabled.");
                return ExitCode.Ok;
            }

            var all = parse.GetValue(detailed);
            cli.Output.Write(ListView.Rows(
                data,
                all ? ["Path", "Type", "Description", "Replication", "Options"] : ["Path", "Type", "Description"],
                data.OrderBy(static d => d.Key, StringComparer.Ordinal).Select(d => Row(d.Key, d.Value as JsonObject ?? [], all))));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static string[] Row(string path, JsonObject device, bool all)
    {
        var description = JsonText.Plain(device["description"]) is { Length: > 0 } text ? text : "n/a";
        string[] row = [path, JsonText.Plain(device["type"]), description];
        return all
            ? [.. row, device["local"]?.ToString() == "true" ? "local" : "replicated", string.Join(' ', (device["options"] as JsonObject ?? []).Select(static o => $"{o.Key}={JsonText.Plain(o.Value)}"))]
            : row;
    }

    private static Command Hash(Invoker invoker)
    {
        var path = Args.Required("path", "Name of the device");
        var input = Args.Required("input", "Value, @file or - for stdin");
        var command = new Command("hash", "Show how a value appears in a device's log") { path, input };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var value = cli.Data().Value(parse.GetRequiredValue(input));
            var reply = await cli.Server.WriteAsync("sys/audit-hash/" + parse.GetRequiredValue(path).Trim('/'), new JsonObject { ["input"] = value }, cancellation);
            cli.Output.Write(SecretView.Of(reply.Body));
            return ExitCode.Ok;
        }));
        return command;
    }
}
