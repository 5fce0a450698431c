using System.CommandLine;
using Candlefish.Secrets.Cli.Commands.Audit;
using Candlefish.Secrets.Cli.Commands.Checks;
using Candlefish.Secrets.Cli.Commands.Completion;
using Candlefish.Secrets.Cli.Commands.Config;
using Candlefish.Secrets.Cli.Commands.Health;
using Candlefish.Secrets.Cli.Commands.Kv;
using Candlefish.Secrets.Cli.Commands.Lease;
using Candlefish.Secrets.Cli.Commands.Login;
using Candlefish.Secrets.Cli.Commands.Mounts;
using Candlefish.Secrets.Cli.Commands.Operator;
using Candlefish.Secrets.Cli.Commands.Policy;
using Candlefish.Secrets.Cli.Commands.Raw;
using Candlefish.Secrets.Cli.Commands.Server;
using Candlefish.Secrets.Cli.Commands.Token;
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
        new("wrap", "Put data behind a single-use token", WrapCommand.Build),
        new("unwrap", "Take what lies behind a wrapping token", WrapCommand.BuildUnwrap),
        new("login", "Log in and keep the token", LoginCommand.Build),
        new("logout", "Forget the stored token; revoke it if a login here issued it", LogoutCommand.Build),
        new("whoami", "Show who the token in use stands for", WhoamiCommand.Build),
        new("token", "Create, look up, renew and revoke tokens", TokenCommand.Build),
        new("policy", "List, read, write, format and test policies", PolicyCommand.Build),
        new("secrets", "Enable, list, tune and move secrets engines", MountCommands.BuildSecrets),
        new("auth", "Enable, list, tune and move auth methods", MountCommands.BuildAuth),
        new("audit", "Audit devices and the verification of their trails", AuditCommand.Build),
        new("lease", "Look up, renew and revoke leases", LeaseCommand.Build),
        new("status", "Show whether the server is sealed", StatusCommand.Build),
        new("operator", "Initialise, unseal, seal and look after a server", OperatorCommand.Build),
        new("server", "Run the server", ServerCommands.Build),
        new("dev", "Run a development server", ServerCommands.BuildDev),
        new("doctor", "Find out why it does not work", DoctorCommand.Build),
        new("generate", "Make random values", GenerateCommand.Build),
        new("context", "Named servers to choose from", ContextCommand.Build),
        new("config", "Settings of this command line", ConfigCommand.Build),
        new("completion", "Print the completion script of a shell", CompletionCommand.Build),
        new("version", "Show the version of this executable", VersionCommand.Build),
        new(CompleteCommand.Name, "Candidates for shell completion", CompleteCommand.Build),
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
                : new Command(entry.Name, entry.Description) { Hidden = entry.Name == CompleteCommand.Name });
        }

        return root;
    }

    /// <summary>Whether the command uses the exit codes of checks.</summary>
    internal static bool IsCheck(List<Command> path) => path.Count > 0 && path[^1] is CheckCommand;
}
