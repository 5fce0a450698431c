using System.CommandLine;

namespace Candlefish.Secrets.Cli.Commands;

/// <summary>Short spellings for the symbols commands are made of.</summary>
internal static class Args
{
    internal static Argument<string> Required(string name, string description) => new(name) { Description = description };

    internal static Argument<string?> Optional(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    internal static Argument<string[]> Many(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrMore };

    internal static Option<string?> Text(string name, string description, params string[] aliases) =>
        new("--" + name, aliases) { Description = description, HelpName = "text" };

    internal static Option<int?> Number(string name, string description, params string[] aliases) =>
        new("--" + name, aliases) { Description = description, HelpName = "n" };

    internal static Option<bool> Switch(string name, string description, params string[] aliases) =>
        new("--" + name, aliases) { Description = description };

    /// <summary>A flag that may be given several times; commas separate too.</summary>
    internal static Option<string[]> List(string name, string description, params string[] aliases) =>
        new("--" + name, aliases) { Description = description, HelpName = "text" };

    /// <summary>All values of a list flag, split at commas.</summary>
    internal static string[] Split(string[]? values) =>
        [.. (values ?? []).SelectMany(static v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary><c>key=value</c> flags as pairs.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Pairs(string flag, string[]? values) => (values ?? []).Select(v =>
        v.IndexOf('=') is > 0 and var at
            ? KeyValuePair.Create(v[..at], v[(at + 1)..])
            : throw Invocation.CliError.Usage($"--{flag} needs key=value", "the value has no '=' after a key", $"--{flag} key=value"));
}

/// <summary>A command with the exit codes of checks, see <see cref="Invocation.CheckExitCode"/>.</summary>
internal sealed class CheckCommand(string name, string description) : Command(name, description + Invocation.CheckExitCode.Help);
