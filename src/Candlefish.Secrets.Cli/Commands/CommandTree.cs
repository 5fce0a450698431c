using System.CommandLine;
using Candlefish.Secrets.Cli.Commands.Kv;
using Candlefish.Secrets.Cli.Commands.Raw;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands;

/// <summary>
/// All commands. Only those named in the argument list are built in full; the others are their name
/// and one line, which is what the help of the root and suggestions need.
/// </summary>
internal static class CommandTree
{
    private sealed record Entry(string Name, string Description, Func<Invoker, Command> Build);

    private static readonly Entry[] Entries =
    [
        new("kv", "Secrets in the key/value engine", KvCommand.Build),
        new("read", "Read any API path", ReadCommand.Build),
        new("write", "Write to any API path", WriteCommand.Build),
        new("patch", "Merge-patch any API path", WriteCommand.BuildPatch),
        new("list", "List names below any API path", ListCommand.Build),
        new("delete", "Delete any API path", DeleteCommand.Build),
    ];

    /// <summary>Builds the tree for one argument list; null builds everything.</summary>
    internal static RootCommand Build(Invoker invoker, GlobalOptions globals, IReadOnlyCollection<string>? arguments)
    {
        var root = new RootCommand("Candlefish Secrets: keep, use and rotate secrets");
        globals.AddTo(root);
        foreach (var entry in Entries)
        {
            root.Subcommands.Add(arguments is null || arguments.Contains(entry.Name)
                ? entry.Build(invoker)
                : new Command(entry.Name, entry.Description));
        }

        return root;
    }

    /// <summary>Whether the command uses the exit codes of checks.</summary>
    internal static bool IsCheck(List<Command> path) => path.Count > 0 && path[^1] is CheckCommand;
}
