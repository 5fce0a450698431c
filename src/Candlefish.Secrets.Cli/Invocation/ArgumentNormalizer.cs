using System.CommandLine;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>
/// Rewrites an argument list so that the parser sees one form only: command names, then
/// <c>--name=value</c>, then <c>--</c> and the positional arguments. That gives Vault's habits:
/// single-dash long flags (<c>-field=password</c>, <c>-field password</c>) anywhere, values that
/// begin with a dash, and positional arguments that look like anything.
/// </summary>
internal static class ArgumentNormalizer
{
    /// <summary>Normalises <paramref name="arguments"/> against the commands and options below <paramref name="root"/>.</summary>
    /// <exception cref="CliError">An unknown flag or command, or a flag without its value.</exception>
    internal static List<string> Normalize(IReadOnlyList<string> arguments, Command root)
    {
        var path = CommandPath(arguments, root, out var isName);
        var command = path.Count == 0 ? root : path[^1];
        var options = Options(root, path);
        var result = path.ConvertAll(static c => c.Name);
        var positional = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var token = arguments[i];
            if (isName[i])
            {
                continue;
            }

            if (token == "--")
            {
                positional.AddRange(arguments.Skip(i + 1));
                break;
            }

            if (!IsFlag(token))
            {
                positional.Add(token);
                continue;
            }

            var (name, value) = Split(token);
            if (!options.TryGetValue(name, out var option))
            {
                throw UnknownFlag(token, name, options.Keys, path);
            }

            if (TakesValue(option) && value is null)
            {
                value = i + 1 < arguments.Count ? arguments[++i] : throw CliError.Usage($"{token} needs a value", $"nothing follows {token}");
            }

            Emit(result, option, value);
        }

        return Finish(result, positional, command, path);
    }

    /// <summary>Whether a token is written as a flag: one or two dashes, then a letter or <c>?</c>.</summary>
    internal static bool IsFlag(string token)
    {
        var name = token.AsSpan().TrimStart('-');
        var dashes = token.Length - name.Length;
        return dashes is 1 or 2 && name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '?');
    }

    /// <summary>The commands named by the tokens, outermost first; <paramref name="isName"/> marks the tokens used.</summary>
    internal static List<Command> CommandPath(IReadOnlyList<string> arguments, Command root, out bool[] isName)
    {
        var path = new List<Command>();
        var current = root;
        isName = new bool[arguments.Count];
        for (var i = 0; i < arguments.Count && current.Subcommands.Count > 0 && arguments[i] != "--"; i++)
        {
            if (IsFlag(arguments[i]))
            {
                var (name, value) = Split(arguments[i]);
                if (value is null && Options(root, path).TryGetValue(name, out var option) && TakesValue(option))
                {
                    i++;
                }

                continue;
            }

            var next = current.Subcommands.FirstOrDefault(c => c.Name == arguments[i] || c.Aliases.Contains(arguments[i]));
            if (next is null)
            {
                break;
            }

            isName[i] = true;
            path.Add(next);
            current = next;
        }

        return path;
    }

    /// <summary>Options usable with the last command of <paramref name="path"/>, by name without dashes.</summary>
    internal static Dictionary<string, Option> Options(Command root, List<Command> path)
    {
        var found = new Dictionary<string, Option>(StringComparer.Ordinal);
        foreach (var owner in path.Prepend(root))
        {
            foreach (var option in owner.Options)
            {
                if (option.Recursive || ReferenceEquals(owner, path.Count == 0 ? root : path[^1]))
                {
                    found[option.Name.TrimStart('-')] = option;
                    foreach (var alias in option.Aliases)
                    {
                        found[alias.TrimStart('-', '/')] = option;
                    }
                }
            }
        }

        return found;
    }

    private static List<string> Finish(List<string> result, List<string> positional, Command command, List<Command> path)
    {
        if (positional.Count > 0 && command.Subcommands.Count > 0 && command.Arguments.Count == 0)
        {
            var nearest = Suggestion.Nearest(positional[0], command.Subcommands.Where(static c => !c.Hidden).Select(static c => c.Name));
            var prefix = string.Concat(path.Select(static c => c.Name + " "));
            throw CliError.Usage(
                $"unknown command \"{prefix}{positional[0]}\"",
                nearest is null ? "there is no command of that name" : $"did you mean \"{prefix}{nearest}\"?",
                $"candlefish-secrets {prefix}{nearest ?? "--help"}");
        }

        if (positional.Count > 0)
        {
            result.Add("--");
            result.AddRange(positional);
        }

        return result;
    }

    private static (string Name, string? Value) Split(string token)
    {
        var text = token.TrimStart('-');
        var equals = text.IndexOf('=');
        return equals < 0 ? (text, null) : (text[..equals], text[(equals + 1)..]);
    }

    private static bool TakesValue(Option option) => option.Arity.MinimumNumberOfValues > 0;

    private static void Emit(List<string> result, Option option, string? value)
    {
        if (option.Arity.MaximumNumberOfValues == 0)
        {
            result.Add(option.Name);
        }
        else if (value is "")
        {
            result.Add(option.Name);
            result.Add("");
        }
        else
        {
            result.Add($"{option.Name}={value ?? "true"}");
        }
    }

    private static CliError UnknownFlag(string token, string name, IEnumerable<string> known, List<Command> path)
    {
        var nearest = Suggestion.Nearest(name, known);
        var command = "candlefish-secrets " + string.Concat(path.Select(static c => c.Name + " "));
        return CliError.Usage(
            $"unknown flag {token.Split('=')[0]}",
            nearest is null ? "the command has no such flag" : $"did you mean -{(nearest.Length > 1 ? "-" : "")}{nearest}?",
            command + "--help");
    }
}
