using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv get</c>: one version of a secret.</summary>
internal static class KvGet
{
    internal static Command Build(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret, with its mount unless -mount is given");
        var mount = Args.Text("mount", "Mount of the engine");
        var version = Args.Number("version", "Version to read; the newest by default");
        var command = new Command("get", "Read a secret") { path, mount, version };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation);
            return await ReadAsync(cli, place, parse.GetValue(version), cancellation);
        }));
        return command;
    }

    private static async Task<int> ReadAsync(CliContext cli, KvPath place, int? version, CancellationToken cancellation)
    {
        KeyValuePair<string, string>[] query =
            version is > 0 && place.IsVersioned ? [new("version", version.Value.ToString(CultureInfo.InvariantCulture))] : [];
        var reply = await cli.Server.TryReadAsync(place.Data, cancellation, query)
            ?? throw new CliError(
                ExitCode.NotFound,
                $"secret not found: {place.Display}{(version is > 0 ? $" version {version}" : "")}",
                version is > 0 ? "there is no such version" : "nothing was ever written there, or it was removed",
                version is > 0 ? $"candlefish-secrets kv history {place.Display}" : $"candlefish-secrets kv list {Parent(place)}");
        if (reply.WrapInfo is not null || !place.IsVersioned)
        {
            cli.Output.Write(SecretView.Of(reply.Body, isSecret: reply.WrapInfo is null));
            return ExitCode.Ok;
        }

        var values = reply.Data["data"] as JsonObject;
        var metadata = reply.Data["metadata"] as JsonObject ?? [];
        if (values is null)
        {
            if (cli.Output.Field is null && cli.Output.Format is not OutputFormat.Tsv)
            {
                cli.Output.Write(ViewOf(place, reply.Body, metadata, null));
            }

            throw Gone(place, metadata);
        }

        cli.Output.Write(ViewOf(place, reply.Body, metadata, values));
        return ExitCode.Ok;
    }

    private static View ViewOf(KvPath place, JsonObject envelope, JsonObject metadata, JsonObject? values)
    {
        var sections = new List<Section>
        {
            new("Secret Path", [], []) { Lead = place.Data, TableOnly = true },
            KvViews.Metadata(metadata) with { TableOnly = true },
        };
        if (values is not null)
        {
            sections.Add(KvViews.Values(values, "Data"));
        }

        return new View(envelope) { Sections = sections, Fields = values is null ? [] : [values], Raw = values };
    }

    private static CliError Gone(KvPath place, JsonObject metadata)
    {
        var version = JsonText.Plain(metadata["version"]);
        var destroyed = JsonText.Plain(metadata["destroyed"]) == "true";
        return new CliError(
            ExitCode.NotFound,
            $"secret not found: version {version} of {place.Display} is {(destroyed ? "destroyed" : "deleted")}",
            destroyed ? "its data is gone for good" : $"it was deleted at {JsonText.Plain(metadata["deletion_time"])}",
            destroyed ? $"candlefish-secrets kv history {place.Display}" : $"candlefish-secrets kv undelete --versions {version} {place.Display}");
    }

    private static string Parent(KvPath place)
    {
        var slash = place.Path.LastIndexOf('/');
        return slash < 0 ? place.Mount : place.Mount + place.Path[..(slash + 1)];
    }
}
