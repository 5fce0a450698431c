using System.Text;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Cli;

/// <summary>Runs the command line in-process in an empty home folder.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    internal CliRun() => Directory.CreateDirectory(Path.Combine(_folder.Path, "work"));

    internal Dictionary<string, string> Variables { get; } = new() { ["LANG"] = "C.UTF-8" };

    internal string Home => _folder.Path;

    internal string Work => Path.Combine(_folder.Path, "work");

    internal bool IsTerminal { get; set; }

    internal string Input { get; set; } = "";

    /// <summary>Answers to hidden prompts, in order.</summary>
    internal Queue<string> Hidden { get; } = new();

    internal TimeProvider Clock { get; set; } = TimeProvider.System;

    internal string Output { get; private set; } = "";

    internal string Error { get; private set; } = "";

    internal async Task<int> RunAsync(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(Input));
        var host = new CliHost
        {
            Output = output,
            Error = error,
            Input = input,
            OutputIsTerminal = IsTerminal,
            ErrorIsTerminal = IsTerminal,
            InputIsTerminal = IsTerminal,
            Variable = name => Variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null,
            HomeFolder = Home,
            WorkingFolder = Work,
            Clock = Clock,
            ReadHidden = () => Hidden.Count > 0 ? Hidden.Dequeue() : null,
        };
        var code = await CommandLine.RunAsync(arguments, host, TestContext.Current.CancellationToken);
        Output = Encoding.UTF8.GetString(output.ToArray());
        Error = error.ToString();
        return code;
    }

    public void Dispose() => _folder.Dispose();
}
