using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Config;

/// <summary><c>context list|add|use|remove</c>: named servers.</summary>
internal static class ContextCommand
{
    private static readonly string[] Keys = ["address", "namespace", "environment", "ca_cert", "auth_method"];

    internal static Command Build(Invoker invoker) => new("context", "Named servers to choose from")
    {
        List(invoker),
        Add(invoker),
        Choose(invoker, "use", "Use a context from now on", static (file, name) => file.Use(name)),
        Choose(invoker, "remove", "Remove a context", static (file, name) => file.Remove(name)),
    };

    private static Command List(Invoker invoker)
    {
        var command = new Command("list", "List contexts");
        command.SetAction(invoker.Run((cli, _, _) =>
        {
            var file = ContextFile.Load(cli.Host);
            var document = new JsonArray();
            var rows = new List<IReadOnlyList<string>>();
            foreach (var name in file.Names)
            {
                var line = new JsonObject { ["name"] = name, ["current"] = name == file.Current };
                foreach (var key in Keys)
                {
                    line[key] = file.Value(name, key);
                }

                document.Add((JsonNode)line);
                rows.Add([name == file.Current ? "*" : "", name, .. Keys.Select(k => file.Value(name, k) ?? "")]);
            }

            cli.Output.Write(ListView.Rows(document, ["Current", "Name", "Address", "Namespace", "Environment", "CA", "Method"], rows));
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }

    private static Command Add(Invoker invoker)
    {
        var name = Args.Required("name", "Name of the context");
        var settings = Args.Many("settings", "key=value: " + string.Join(", ", Keys));
        var command = new Command("add", "Add or change a context") { name, settings };
        command.SetAction(invoker.Run((cli, parse, _) =>
        {
            var file = ContextFile.Load(cli.Host);
            foreach (var (key, value) in Args.Pairs("settings", parse.GetValue(settings)))
            {
                file.Set(parse.GetRequiredValue(name), Keys.Contains(key) ? key : throw CliError.Usage(
                    $"unknown setting \"{key}\"",
                    Suggestion.Nearest(key, Keys) is { } nearest ? $"did you mean \"{nearest}\"?" : "a context has no such setting",
                    "use one of " + string.Join(", ", Keys)), value);
            }

            if (!file.Has(parse.GetRequiredValue(name)))
            {
                throw CliError.Usage("a context needs an address", "no setting is given", "candlefish-secrets context add prod address=https://HOST:8200");
            }

            file.Save();
            cli.Messages.Done($"context {parse.GetRequiredValue(name)} saved");
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }

    private static Command Choose(Invoker invoker, string verb, string description, Action<ContextFile, string> change)
    {
        var name = Args.Required("name", "Name of the context");
        var command = new Command(verb, description) { name };
        command.SetAction(invoker.Run((cli, parse, _) =>
        {
            var file = ContextFile.Load(cli.Host);
            var chosen = parse.GetRequiredValue(name);
            if (!file.Has(chosen))
            {
                throw new CliError(
                    ExitCode.NotFound,
                    $"unknown context \"{chosen}\"",
                    Suggestion.Nearest(chosen, file.Names) is { } nearest ? $"did you mean \"{nearest}\"?" : "the configuration file has no such context",
                    "candlefish-secrets context list");
            }

            change(file, chosen);
            file.Save();
            cli.Messages.Done($"context {chosen}: {verb}");
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }
}
