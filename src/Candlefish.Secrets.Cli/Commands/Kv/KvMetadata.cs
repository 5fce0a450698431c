using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv metadata get|put|patch|delete</c>: what is known about a secret besides its values.</summary>
internal static class KvMetadata
{
    internal static Command Build(Invoker invoker) => new("metadata", "What is known about a secret besides its values")
    {
        Get(invoker),
        Change(invoker, "put", "Set metadata; custom metadata is replaced", isPatch: false),
        Change(invoker, "patch", "Change some metadata", isPatch: true),
        Delete(invoker),
    };

    private static Command Get(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret");
        var mount = Args.Text("mount", "Mount of the engine");
        var command = new Command("get", "Show the metadata and versions of a secret") { path, mount };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = (await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation)).Versioned("metadata get");
            var reply = await cli.Server.ReadAsync(place.Metadata, cancellation);
            var general = reply.Data.DeepClone().AsObject();
            general.Remove("versions");
            var sections = new List<Section>
            {
                new("Metadata Path", [], []) { Lead = place.Metadata, TableOnly = true },
                KvViews.Metadata(general),
            };
            foreach (var (number, version) in (reply.Data["versions"] as JsonObject ?? []).OrderBy(static v => v.Key.Length).ThenBy(static v => v.Key, StringComparer.Ordinal))
            {
                sections.Add(KvViews.Metadata(version as JsonObject ?? []) with { Title = $"Version {number}", TableOnly = true });
            }

            cli.Output.Write(new View(reply.Body) { Sections = sections, Fields = [reply.Data] });
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Change(Invoker invoker, string name, string description, bool isPatch)
    {
        var path = Args.Required("path", "Path of the secret");
        var mount = Args.Text("mount", "Mount of the engine");
        var max = Args.Number("max-versions", "Versions to keep");
        var cas = Args.Text("cas-required", "Whether every write needs check-and-set: true or false");
        var after = Args.Text("delete-version-after", "Delete each version this long after it was written");
        var custom = Args.List("custom-metadata", "key=value, may be given several times");
        var remove = Args.List("remove-custom-metadata", "Keys to remove (patch only)");
        var command = new Command(name, description) { path, mount, max, cas, after, custom, remove };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var body = new JsonObject();
            if (parse.GetValue(max) is { } versions)
            {
                body["max_versions"] = versions;
            }

            if (parse.GetValue(cas) is { } required)
            {
                body["cas_required"] = required;
            }

            if (parse.GetValue(after) is { } duration)
            {
                body["delete_version_after"] = duration;
            }

            var pairs = new JsonObject();
            foreach (var (key, value) in Args.Pairs("custom-metadata", parse.GetValue(custom)))
            {
                pairs[key] = value;
            }

            foreach (var key in isPatch ? Args.Split(parse.GetValue(remove)) : [])
            {
                pairs[key] = null;
            }

            if (pairs.Count > 0)
            {
                body["custom_metadata"] = pairs;
            }

            var place = (await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation)).Versioned("metadata " + name);
            await (isPatch ? cli.Server.PatchAsync(place.Metadata, body, cancellation) : cli.Server.WriteAsync(place.Metadata, body, cancellation));
            cli.Output.Line($"Success! Data written to: {place.Metadata}");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Delete(Invoker invoker)
    {
        var path = Args.Required("path", "Path of the secret");
        var mount = Args.Text("mount", "Mount of the engine");
        var command = new Command("delete", "Remove a secret with all its versions for good") { path, mount };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var place = (await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation)).Versioned("metadata delete");
            if (!cli.IsDryRun && !cli.PrintsCurl && !cli.PrintsPolicy)
            {
                cli.Prompt.ConfirmByName($"Removing {place.Display} with all versions cannot be undone.", place.Display);
            }

            await cli.Server.DeleteAsync(place.Metadata, cancellation);
            cli.Output.Line($"Success! Data deleted (if it existed) at: {place.Metadata}");
            return ExitCode.Ok;
        }));
        return command;
    }
}
