using System.CommandLine;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Completion;

/// <summary>
/// The hidden <c>__complete -- WORDS…</c>: candidates for the last word, one per line. Never prompts,
/// never logs in, says nothing when something is wrong.
/// </summary>
internal static class CompleteCommand
{
    internal const string Name = "__complete";

    /// <summary>What is left of 150 ms per key press after the start.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(80);

    private static readonly TimeSpan RefreshBudget = TimeSpan.FromSeconds(5);

    private static readonly string[] PathCommands = ["kv get", "kv put", "kv patch", "kv list", "kv delete", "kv undelete", "kv destroy", "kv rollback", "kv history", "kv diff", "kv metadata get", "kv metadata put", "kv metadata patch", "kv metadata delete", "kv copy", "kv move"];

    internal static Command Build(Invoker invoker)
    {
        var words = Args.Many("words", "Words of the command line so far; the last one is completed");
        var refresh = Args.Switch("refresh", "Only fill the cache of names");
        var command = new Command(Name, "Candidates for shell completion") { words, refresh };
        command.Hidden = true;
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var typed = parse.GetValue(words) ?? [];
            var current = typed.Length > 0 ? typed[^1] : "";
            var isRefresh = parse.GetValue(refresh);
            using var budget = new CancellationTokenSource(isRefresh ? RefreshBudget : Budget, cli.Host.Clock);
            try
            {
                var root = CommandTree.Build(invoker, invoker.Globals, arguments: null);
                var names = new CompletionNames(cli, budget.Token);
                var found = await CandidatesAsync(names, cli, root, typed.Length > 0 ? typed[..^1] : [], current, cancellation);
                if (names.IsLate && !isRefresh)
                {
                    cli.Host.StartDetached([Name, "--refresh", "--no-input", "--quiet", "--", .. typed]);
                }

                cli.Output.Text(isRefresh ? "" : string.Concat(found.Where(c => c.StartsWith(current, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(static c => c + "\n")));
            }
            catch (CliError)
            {
                // A completion that cannot answer offers nothing; the command itself will tell what is wrong.
                return ExitCode.Ok;
            }

            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<IEnumerable<string>> CandidatesAsync(
        CompletionNames names, CliContext cli, RootCommand root, string[] before, string current, CancellationToken cancellation)
    {
        var path = ArgumentNormalizer.CommandPath(before, root, out _);
        if (current.StartsWith('-'))
        {
            var dashes = current.StartsWith("--", StringComparison.Ordinal) ? "--" : "-";
            return ArgumentNormalizer.Options(root, path).Keys.Where(static n => n.Length > 1).Select(n => dashes + n);
        }

        var command = path.Count == 0 ? root : path[^1];
        if (command.Subcommands.Count > 0)
        {
            return command.Subcommands.Where(static c => !c.Hidden).Select(static c => c.Name);
        }

        return string.Join(' ', path.Select(static c => c.Name)) switch
        {
            var name when PathCommands.Contains(name) => await names.SecretsAsync(current, cancellation),
            "read" or "list" or "delete" or "write" or "patch" => await names.ApiAsync(current, cancellation),
            "policy read" or "policy write" or "policy delete" => await names.ListAsync("sys/policies/acl", cancellation),
            "context use" or "context remove" => ContextFile.Load(cli.Host).Names,
            "login" => ["-method=token", "-method=userpass", "-method=approle", "-method=ldap"],
            "completion" => ["bash", "zsh", "fish", "pwsh"],
            _ => [],
        };
    }
}
