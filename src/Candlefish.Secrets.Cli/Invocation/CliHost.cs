using System.Text;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>
/// Everything of the process a command may touch: streams, environment, folders, clock. Tests run
/// commands in-process with another host.
/// </summary>
internal sealed class CliHost
{
    internal required Stream Output { get; init; }

    internal required TextWriter Error { get; init; }

    internal required Stream Input { get; init; }

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

    /// <summary>The host of the running process.</summary>
    internal static CliHost ForProcess() => new()
    {
        Output = Console.OpenStandardOutput(),
        Error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" },
        Input = Console.OpenStandardInput(),
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InputIsTerminal = !Console.IsInputRedirected,
        Variable = static name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
        HomeFolder = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        WorkingFolder = Environment.CurrentDirectory,
        ReadHidden = HiddenLine.Read,
    };

    /// <summary>Reads stdin to its end as UTF-8, without the final newline if there is exactly one line.</summary>
    internal string ReadInput()
    {
        using var reader = new StreamReader(Input, new UTF8Encoding(false), leaveOpen: true);
        return reader.ReadToEnd();
    }
}
