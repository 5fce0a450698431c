using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv put</c>: a new version of a secret, optionally with record metadata and generated values.</summary>
internal static class KvPut
{
    private static readonly string[] RecordFlags = ["owner", "purpose", "type", "classification", "description", "rotation-days"];

    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret");
        var data = Args.Many("data", "key=value, key=@file, key=- (stdin), @file.json, or a bare key to be asked for its value");
        var mount = Args.Text("mount", "Mount of the engine");
        var cas = Args.Number("cas", "Write only if this is the current version; 0: only if there is none");
        var ttl = Args.Text("ttl", "Delete each version this long after it was written, for example 30d");
        var generate = Args.List("generate", "key[:length[:charset]]: make the value of key here; charsets: strong, alnum, hex, base64url");
        var tags = Args.List("tag", "k=v kept in the secret's metadata");
        var command = new Command("put", "Write a secret") { path, data, mount, cas, ttl, generate, tags };
        var records = RecordFlags.Select(static f => Args.Text(f, $"Kept in the secret's metadata as {f.Replace('-', '_')}")).ToList();
        records.ForEach(command.Options.Add);
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var values = cli.Data().Parse(
                parse.GetValue(data) ?? [], key => cli.Prompt.Secret($"Value of {key}", $"{key}=- or {key}=@file", twice: true));
            foreach (var rule in parse.GetValue(generate) ?? [])
            {
                var (key, value) = GeneratedValue.FromRule(rule);
                values[key] = value;
            }

            if (values.Count == 0)
            {
                throw CliError.Usage("nothing to write", "no key=value argument is given", "candlefish-secrets kv put PATH key=value");
            }

            var metadata = RecordMetadata(parse, records, parse.GetValue(tags));
            var place = await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation);
            if (!place.IsVersioned)
            {
                await cli.Server.WriteAsync(place.Data, values, cancellation);
                cli.Output.Line($"Success! Data written to: {place.Data}");
                return ExitCode.Ok;
            }

            var reply = await cli.Server.WriteAsync(place.Data, Body(values, parse.GetValue(cas)), cancellation);
            await WriteMetadataAsync(cli, place, metadata, parse.GetValue(ttl), cancellation);
            if (cli.Output.Format == OutputFormat.Table)
            {
                cli.Messages.Done($"{place.Display} written (v{JsonText.Plain(reply.Data["version"])})");
            }

            cli.Output.Write(KvViews.Written(place, reply.Body));
            return ExitCode.Ok;
        }));
        return command;
    }

    /// <summary>The body of a version 2 write. A check-and-set of -1, Vault's default, means none.</summary>
    internal static JsonObject Body(JsonObject values, int? cas) => new()
    {
        ["data"] = values,
        ["options"] = cas is >= 0 ? new JsonObject { ["cas"] = cas.Value } : new JsonObject(),
    };

    private static JsonObject RecordMetadata(ParseResult parse, List<Option<string?>> records, string[]? tags)
    {
        var metadata = new JsonObject();
        foreach (var record in records)
        {
            if (parse.GetValue(record) is { } value)
            {
                metadata[record.Name.TrimStart('-').Replace('-', '_')] = value;
            }
        }

        foreach (var (key, value) in Args.Pairs("tag", tags))
        {
            metadata[key] = value;
        }

        return metadata;
    }

    private static async Task WriteMetadataAsync(CliContext cli, KvPath place, JsonObject metadata, string? ttl, CancellationToken cancellation)
    {
        var body = new JsonObject();
        if (metadata.Count > 0)
        {
            body["custom_metadata"] = metadata;
        }

        if (ttl is not null)
        {
            body["delete_version_after"] = ttl;
        }

        if (body.Count > 0)
        {
            await cli.Server.PatchAsync(place.Metadata, body, cancellation);
        }
    }
}
