using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv patch</c>: changes some keys of a secret. With <c>-method=rw</c>, or when the token may not patch, it reads and writes back.</summary>
internal static class KvPatch
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret");
        var data = Args.Many("data", "key=value, key=@file, key=- or @file.json");
        var mount = Args.Text("mount", "Mount of the engine");
        var cas = Args.Number("cas", "Write only if this is the current version");
        var method = Args.Text("method", "patch (default) or rw (read, then write)");
        var remove = Args.List("remove-data", "Keys to remove");
        var command = new Command("patch", "Change some keys of a secret") { path, data, mount, cas, method, remove };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var values = cli.Data().Parse(
                parse.GetValue(data) ?? [], key => cli.Prompt.Secret($"Value of {key}", $"{key}=- or {key}=@file", twice: true));
            foreach (var key in Args.Split(parse.GetValue(remove)))
            {
                values[key] = null;
            }

            if (values.Count == 0)
            {
                throw CliError.Usage("nothing to change", "no key=value argument is given", "candlefish-secrets kv patch PATH key=value");
            }

            var place = (await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation)).Versioned("patch");
            var reply = parse.GetValue(method) switch
            {
                "rw" => await ReadWriteAsync(cli, place, values, cancellation),
                null or "patch" => await PatchAsync(cli, place, values, parse.GetValue(cas), parse.GetValue(method) is null, cancellation),
                var other => throw CliError.Usage($"unknown method \"{other}\"", "it is patch or rw", "-method=patch"),
            };
            if (cli.Output.Format == OutputFormat.Table)
            {
                cli.Messages.Done($"{place.Display} patched (v{JsonText.Plain(reply.Data["version"])}): {string.Join(", ", values.Select(static v => v.Key))}");
            }

            cli.Output.Write(KvViews.Written(place, reply.Body));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<ApiReply> PatchAsync(
        CliContext cli, KvPath place, JsonObject values, int? cas, bool mayFallBack, CancellationToken cancellation)
    {
        try
        {
            return await cli.Server.PatchAsync(place.Data, KvPut.Body(values.DeepClone().AsObject(), cas), cancellation);
        }
        catch (CliError refused) when (mayFallBack && cas is null && refused.Status is 403 or 405)
        {
            return await ReadWriteAsync(cli, place, values, cancellation);
        }
        catch (CliError missing) when (missing.Status == 404)
        {
            throw new CliError(ExitCode.NotFound, $"secret not found: {place.Display}", "only an existing secret can be patched", $"candlefish-secrets kv put {place.Display} key=value");
        }
    }

    /// <summary>Reads the newest version and writes it back with the change, guarded by check-and-set.</summary>
    private static async Task<ApiReply> ReadWriteAsync(CliContext cli, KvPath place, JsonObject values, CancellationToken cancellation)
    {
        var call = new VaultCall("GET", place.Data) { WrapTtl = "" };
        var current = await cli.Server.CheckAsync(call, await cli.Server.RawAsync(call, cancellation), cancellation);
        var merged = current.Data["data"]?.DeepClone() as JsonObject ?? [];
        foreach (var (key, value) in values)
        {
            if (value is null)
            {
                merged.Remove(key);
            }
            else
            {
                merged[key] = value.DeepClone();
            }
        }

        var version = (int)SecretView.Seconds((current.Data["metadata"] as JsonObject)?["version"]);
        return await cli.Server.WriteAsync(place.Data, KvPut.Body(merged, version), cancellation);
    }
}
