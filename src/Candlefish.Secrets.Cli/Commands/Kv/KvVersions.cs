using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Kv;

/// <summary><c>kv delete</c>, <c>kv undelete</c> and <c>kv destroy</c>: the life of single versions.</summary>
internal static class KvVersions
{
    internal static Command Delete(Invoker invoker) => Build(invoker, "delete", "Delete versions; they can be undeleted", async (cli, place, versions, cancellation) =>
    {
        if (versions.Length == 0)
        {
            await cli.Server.DeleteAsync(place.Data, cancellation);
        }
        else
        {
            await cli.Server.WriteAsync(place.Versioned("delete -versions").Of("delete"), Body(versions), cancellation);
        }

        cli.Output.Line($"Success! Data deleted (if it existed) at: {place.Data}");
    });

    internal static Command Undelete(Invoker invoker) => Build(invoker, "undelete", "Bring deleted versions back", async (cli, place, versions, cancellation) =>
    {
        await cli.Server.WriteAsync(place.Versioned("undelete").Of("undelete"), Body(Needed(versions, "undelete")), cancellation);
        cli.Output.Line($"Success! Data written to: {place.Of("undelete")}");
    });

    internal static Command Destroy(Invoker invoker) => Build(invoker, "destroy", "Destroy versions for good", async (cli, place, versions, cancellation) =>
    {
        var list = string.Join(',', Needed(versions, "destroy").Select(static v => "v" + v));
        place.Versioned("destroy");
        if (!cli.IsDryRun && !cli.PrintsCurl && !cli.PrintsPolicy)
        {
            cli.Prompt.ConfirmByName($"Destroying {list} of {place.Display} cannot be undone.", place.Display);
        }

        await cli.Server.WriteAsync(place.Of("destroy"), Body(versions), cancellation);
        cli.Output.Line($"Success! Data written to: {place.Of("destroy")}");
    });

    private static Command Build(Invoker invoker, string name, string description, Func<CliContext, KvPath, string[], CancellationToken, Task> body)
    {
        var path = Args.Required("path", "Path of the secret");
        var mount = Args.Text("mount", "Mount of the engine");
        var versions = Args.List("versions", "Version numbers, separated by commas");
        var command = new Command(name, description) { path, mount, versions };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var numbers = Args.Split(parse.GetValue(versions));
            if (Array.Find(numbers, static n => !int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _)) is { } wrong)
            {
                throw CliError.Usage($"\"{wrong}\" is not a version number", "versions are positive integers", "-versions=1,2");
            }

            var place = await KvPath.ResolveAsync(cli, parse.GetValue(mount), parse.GetRequiredValue(path), cancellation);
            await body(cli, place, numbers, cancellation);
            return ExitCode.Ok;
        }));
        return command;
    }

    private static string[] Needed(string[] versions, string verb) => versions.Length > 0 ? versions : throw CliError.Usage(
        "no versions are given", $"kv {verb} acts on named versions only", $"candlefish-secrets kv {verb} -versions=1,2 PATH");

    private static JsonObject Body(string[] versions) => new()
    {
        ["versions"] = new JsonArray([.. versions.Select(static v => (JsonNode?)int.Parse(v, CultureInfo.InvariantCulture))]),
    };
}
