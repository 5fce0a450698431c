using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv copy</c> and <c>kv move</c>: the newest version to another path. An existing target is kept unless <c>--force</c> is given.</summary>
internal static class KvCopy
{
    internal static Command Copy(Invoker invoker) => Build(invoker, "copy", "Copy the newest version to another path", isMove: false);

    internal static Command Move(Invoker invoker) => Build(invoker, "move", "Copy, then remove the original with all its versions", isMove: true);

    private static Command Build(Invoker invoker, string name, string description, bool isMove)
    {
        var source = Args.Required("source", "Path to take from");
        var target = Args.Required("target", "Path to write to");
        var force = Args.Switch("force", "Write even if the target exists", "-f");
        var command = new Command(name, description) { source, target, force };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var from = await KvPath.ResolveAsync(cli, null, parse.GetRequiredValue(source), cancellation);
            var to = await KvPath.ResolveAsync(cli, null, parse.GetRequiredValue(target), cancellation);
            if (from == to)
            {
                throw CliError.Usage("source and target are the same", "nothing would change", "name another target");
            }

            var values = await ValuesAsync(cli, from, cancellation);
            if (isMove && !cli.IsDryRun)
            {
                cli.Prompt.ConfirmByName($"Moving removes {from.Display} with all its versions for good.", from.Display);
            }

            await WriteAsync(cli, to, values, parse.GetValue(force), cancellation);
            if (isMove)
            {
                await cli.Server.DeleteAsync(from.Metadata, cancellation);
            }

            cli.Output.Line($"Success! {from.Display} {(isMove ? "moved" : "copied")} to {to.Display}");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<JsonObject> ValuesAsync(CliContext cli, KvPath from, CancellationToken cancellation)
    {
        var reply = await KvRollback.VersionAsync(cli, from, 0, cancellation);
        var values = from.IsVersioned ? reply?.Data["data"] as JsonObject : reply?.Data;
        return values?.DeepClone().AsObject() ?? throw new CliError(
            ExitCode.NotFound, $"secret not found: {from.Display}", "there is no live version to take", $"candlefish-secrets kv history {from.Display}");
    }

    private static async Task WriteAsync(CliContext cli, KvPath to, JsonObject values, bool force, CancellationToken cancellation)
    {
        if (!to.IsVersioned)
        {
            if (!force && await KvRollback.VersionAsync(cli, to, 0, cancellation) is not null)
            {
                throw Exists(to);
            }

            await cli.Server.WriteAsync(to.Data, values, cancellation);
            return;
        }

        try
        {
            await cli.Server.WriteAsync(to.Data, KvPut.Body(values, force ? null : 0), cancellation);
        }
        catch (CliError conflict) when (conflict.ExitCode == ExitCode.Conflict && !force)
        {
            throw Exists(to);
        }
    }

    private static CliError Exists(KvPath to) => new(
        ExitCode.Conflict, $"{to.Display} exists already", "a copy does not replace a secret unasked", "use another target, or --force");
}
