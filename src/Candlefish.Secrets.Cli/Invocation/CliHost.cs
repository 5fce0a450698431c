using System.Text;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>
/// Everything of the process a command may touch: streams, environment, folders, clock. Tests run
/// commands in-process with another host.
/// </summary>
internal sealed class CliHost
{
    private Stream? _input;

    internal required Stream Output { get; init; }

    internal required TextWriter Error { get; init; }

    /// <summary>Opens stdin. Only a command that reads it does: opening it changes the mode of a terminal.</summary>
    internal required Func<Stream> OpenInput { get; init; }

    internal Stream Input => _input ??= OpenInput();

    internal bool OutputIsTerminal { get; init; }

    internal bool ErrorIsTerminal { get; init; }

    internal bool InputIsTerminal { get; init; }

    /// <summary>Value of an environment variable; an empty one counts as unset.</summary>
    internal required Func<string, string?> Variable { get; init; }

    internal required string HomeFolder { get; init; }

    internal required string WorkingFolder { get; init; }

    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Reads one line without echo from the terminal; null at end of input.</summary>
    internal Func<string?> ReadHidden { get; init; } = static () => null;

    /// <summary>Starts this executable with other arguments and does not wait for it.</summary>
    internal Action<IEnumerable<string>> StartDetached { get; init; } = static _ => { };

    /// <summary>Whether a command is blocked on input, which no cancellation can end.</summary>
    internal bool IsWaitingForInput { get; private set; }

    /// <summary>The host of the running process.</summary>
    internal static CliHost ForProcess() => new()
    {
        Output = Console.OpenStandardOutput(),
        Error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" },
        OpenInput = static () => Console.OpenStandardInput(),
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InputIsTerminal = !Console.IsInputRedirected,
        Variable = static name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
        HomeFolder = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        WorkingFolder = Environment.CurrentDirectory,
        ReadHidden = HiddenLine.Read,
        StartDetached = DetachedProcess.Start,
    };

    /// <summary>Reads stdin to its end as UTF-8.</summary>
    internal string ReadInput() => Waiting(() =>
    {
        using var reader = new StreamReader(Input, new UTF8Encoding(false), leaveOpen: true);
        return reader.ReadToEnd();
    });

    /// <summary>Runs something that blocks on input.</summary>
    internal T Waiting<T>(Func<T> read)
    {
        IsWaitingForInput = true;
        try
        {
            return read();
        }
        finally
        {
            IsWaitingForInput = false;
        }
    }
}
