using System.Text;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>Runs the command line in-process in an empty home folder.</summary>
public sealed class CliRun : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public CliRun() => Directory.CreateDirectory(Path.Combine(_folder.Path, "work"));

    public Dictionary<string, string> Variables { get; } = new() { ["LANG"] = "C.UTF-8" };

    public string Home => _folder.Path;

    public string Work => Path.Combine(_folder.Path, "work");

    public bool IsTerminal { get; set; }

    public string Input { get; set; } = "";

    /// <summary>Answers to hidden prompts, in order.</summary>
    public Queue<string> Hidden { get; } = new();

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public async Task<int> RunAsync(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(Input));
        var host = new CliHost
        {
            Output = output,
            Error = error,
            OpenInput = () => input,
            OutputIsTerminal = IsTerminal,
            ErrorIsTerminal = IsTerminal,
            InputIsTerminal = IsTerminal,
            Variable = name => Variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null,
            HomeFolder = Home,
            WorkingFolder = Work,
            Clock = Clock,
            ReadHidden = () => Hidden.Count > 0 ? Hidden.Dequeue() : null,
        };
        var code = await CommandLine.RunAsync(arguments, host);
        Output = Encoding.UTF8.GetString(output.ToArray());
        Error = error.ToString();
        return code;
    }

    public void Dispose() => _folder.Dispose();
}
