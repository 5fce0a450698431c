using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>Everything for the person that is not data: successes, warnings, debug lines. Goes to stderr.</summary>
internal sealed class Messages(CliHost host, bool quiet, bool ascii, bool colour)
{
    internal bool Ascii { get; } = ascii;

    internal string Tick => Ascii ? "[ ok ]" : "✓";

    internal string Cross => Ascii ? "[fail]" : "✗";

    /// <summary>A line saying that something worked.</summary>
    internal void Done(string text)
    {
        if (!quiet)
        {
            host.Error.Write($"{Paint(Tick, "32")} {text}\n");
        }
    }

    internal void Info(string text)
    {
        if (!quiet)
        {
            host.Error.Write(text + "\n");
        }
    }

    internal void Warn(string text)
    {
        if (!quiet)
        {
            host.Error.Write($"{Paint("warning:", "33")} {text}\n");
        }
    }

    /// <summary>A line of <c>--debug</c>; callers pass names, statuses and times only.</summary>
    internal void Debug(string text) => host.Error.Write("debug: " + text + "\n");

    /// <summary>Text before an answer is typed; no newline.</summary>
    internal void Prompt(string text) => host.Error.Write(text);

    private string Paint(string text, string code) => colour ? $"\e[{code}m{text}\e[0m" : text;
}
