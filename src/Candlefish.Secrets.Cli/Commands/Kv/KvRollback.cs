using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv rollback</c>: writes an old version again as the newest one.</summary>
internal static class KvRollback
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret");
        var mount = Args.Text("mount", "Mount of the engine");
        var version = Args.Number("version", "Version to go back to");
        var command = new Command("rollback", "Make an old version the newest one again") { path, mount, version };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            if (parse.GetValue(version) is not > 0)
            {
                throw CliError.Usage("no version is given", "kv rollback needs -version", "candlefish-secrets kv rollback -version=N PATH");
            }

            var number = parse.GetValue(version).GetValueOrDefault();
            var place = (await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation)).Versioned("rollback");
            var old = await VersionAsync(cli, place, number, cancellation);
            var newest = await VersionAsync(cli, place, 0, cancellation);
            var current = (int)SecretView.Seconds((newest?.Data["metadata"] as JsonObject)?["version"]);
            if (old?.Data["data"] is not JsonObject values)
            {
                throw new CliError(
                    ExitCode.NotFound, $"secret not found: {place.Display} version {number}", "it does not exist, or is deleted or destroyed", $"candlefish-secrets kv history {place.Display}");
            }

            var reply = await cli.Server.WriteAsync(place.Data, KvPut.Body(values.DeepClone().AsObject(), current), cancellation);
            cli.Output.Write(KvViews.Written(place, reply.Body));
            return ExitCode.Ok;
        }));
        return command;
    }

    /// <summary>A version with its metadata, also of a deleted one; null when there is none. 0 is the newest.</summary>
    internal static async Task<ApiReply?> VersionAsync(CliContext cli, KvPath place, int version, CancellationToken cancellation)
    {
        var call = new VaultCall("GET", place.Data) { WrapTtl = "", Query = [new("version", version.ToString(CultureInfo.InvariantCulture))] };
        var reply = await cli.Server.RawAsync(call, cancellation);
        return reply.Status != 404 ? await cli.Server.CheckAsync(call, reply, cancellation)
            : ApiReply.From(reply) is { } body && body.Data.Count > 0 ? body
            : null;
    }
}
