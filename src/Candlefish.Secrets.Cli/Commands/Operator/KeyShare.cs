using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary>Takes one key share: from the argument, from stdin for <c>-</c>, else by a prompt without echo.</summary>
internal static class KeyShare
{
    internal static string Read(CliContext cli, string? argument, string label)
    {
        if (argument == "-" || (argument is null && !cli.Prompt.CanAsk && !cli.Host.InputIsTerminal))
        {
            return cli.Host.ReadInput().Trim() is { Length: > 0 } text ? text : throw CliError.Usage(
                "no key share was given", "stdin is empty", "give the share as an argument, or - and the share on stdin");
        }

        if (argument is not null)
        {
            cli.Messages.Warn("a key share on the command line is visible in the shell history and in process lists; use - or the prompt");
            return argument.Trim();
        }

        return cli.Prompt.Secret(label, "the argument -, with the share on stdin").Trim();
    }
}
