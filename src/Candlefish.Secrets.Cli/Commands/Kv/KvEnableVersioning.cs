using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv enable-versioning</c>: turns a version 1 mount into version 2.</summary>
internal static class KvEnableVersioning
{
    internal static Command Build(Invoker invoker)
    {
        var mount = Args.Required("mount", "Mount of the engine");
        var command = new Command("enable-versioning", "Turn a version 1 mount into version 2") { mount };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var path = parse.GetRequiredValue(mount).Trim('/');
            await cli.Server.WriteAsync($"sys/mounts/{path}/tune", new JsonObject { ["options"] = new JsonObject { ["version"] = "2" } }, cancellation);
            cli.Output.Line($"Success! Tuned the secrets engine at: {path}/");
            return ExitCode.Ok;
        }));
        return command;
    }
}
