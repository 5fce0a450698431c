using System.Text;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Questions to the person. Nothing is ever asked without a terminal or with <c>--no-input</c>.</summary>
internal sealed class Prompt(CliHost host, Messages messages, bool noInput, bool yes)
{
    internal bool CanAsk => !noInput && host.InputIsTerminal;

    /// <summary>Asks for a secret without echo.</summary>
    /// <param name="label">Text before the answer.</param>
    /// <param name="answeredBy">What on the command line would have answered, for the error.</param>
    /// <param name="twice">Ask again and compare, for a new password.</param>
    internal string Secret(string label, string answeredBy, bool twice = false)
    {
        var first = Hidden(label, answeredBy);
        if (twice && Hidden(label + " again", answeredBy) != first)
        {
            throw CliError.Usage("the two inputs differ", "a new value is asked for twice", "run the command again");
        }

        return first;
    }

    /// <summary>Asks a yes-or-no question; <c>--yes</c> answers it.</summary>
    internal bool Confirm(string question)
    {
        if (yes)
        {
            return true;
        }

        Require("-y (--yes)");
        messages.Prompt(question + " [y/N] ");
        return ReadLine().Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>Makes the person type a name before something irreversible; <c>--yes</c> answers it.</summary>
    /// <exception cref="CliError">Something else was typed.</exception>
    internal void ConfirmByName(string warning, string name)
    {
        if (yes)
        {
            return;
        }

        Require("-y (--yes)");
        messages.Prompt($"{warning} Type {name} to confirm: ");
        if (ReadLine().Trim() != name)
        {
            throw CliError.Usage("nothing was changed", "the confirmation does not match", "run the command again, or add -y");
        }
    }

    private string Hidden(string label, string answeredBy)
    {
        Require(answeredBy);
        messages.Prompt(label + " (hidden): ");
        var answer = host.Waiting(host.ReadHidden);
        messages.Prompt("\n");
        return answer ?? throw CliError.Usage("no input", "the input ended before an answer", "use " + answeredBy);
    }

    private void Require(string answeredBy)
    {
        if (!CanAsk)
        {
            throw CliError.Usage(
                "an answer is needed and nobody can be asked",
                noInput ? "--no-input is given" : "stdin is not a terminal",
                "use " + answeredBy);
        }
    }

    private string ReadLine() => host.Waiting(() =>
    {
        var line = new StringBuilder();
        for (int next; (next = host.Input.ReadByte()) >= 0 && next != '\n';)
        {
            line.Append((char)next);
        }

        return line.ToString();
    });
}
