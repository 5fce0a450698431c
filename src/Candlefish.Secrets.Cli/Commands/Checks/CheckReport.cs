using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Checks;

/// <summary>How one check ended. The worst of all is the result of the run.</summary>
internal enum CheckResult
{
    Success,
    Warning,
    Failure,
}

/// <summary>One finding: what was looked at, what was seen, and what to do about it.</summary>
internal sealed record CheckLine(CheckResult Result, string Name, string Detail, string? Advice = null);

/// <summary>Collects the lines of a check command and prints them.</summary>
internal sealed class CheckReport
{
    private readonly List<CheckLine> _lines = [];

    internal int Failures => _lines.Count(static l => l.Result == CheckResult.Failure);

    internal int Warnings => _lines.Count(static l => l.Result == CheckResult.Warning);

    internal IReadOnlyList<CheckLine> Lines => _lines;

    internal void Ok(string name, string detail) => _lines.Add(new CheckLine(CheckResult.Success, name, detail));

    internal void Warn(string name, string detail, string advice) => _lines.Add(new CheckLine(CheckResult.Warning, name, detail, advice));

    internal void Fail(string name, string detail, string advice) => _lines.Add(new CheckLine(CheckResult.Failure, name, detail, advice));

    /// <summary>Prints all lines, each one that is not a success with its advice, and returns the exit code.</summary>
    /// <param name="cli">The running command.</param>
    /// <param name="mark">The sign of a result.</param>
    /// <param name="strict">Whether warnings alone have a code of their own.</param>
    internal int Finish(CliContext cli, Func<CheckResult, string> mark, bool strict)
    {
        var text = string.Concat(_lines.Select(l => $"{mark(l.Result)} {l.Name}: {l.Detail}\n" + (l.Advice is null ? "" : $"    -> {l.Advice}\n")));
        cli.Output.Write(new View(Document()) { Text = text });
        return CheckExitCode.From(Failures, Warnings, strict);
    }

    private JsonObject Document() => new()
    {
        ["checks"] = new JsonArray([.. _lines.Select(static l => (JsonNode?)new JsonObject
        {
            ["name"] = l.Name,
            ["status"] = l.Result.ToString().ToLowerInvariant(),
            ["detail"] = l.Detail,
            ["advice"] = l.Advice,
        })]),
        ["summary"] = new JsonObject
        {
            ["total"] = _lines.Count,
            ["passed"] = _lines.Count - Failures - Warnings,
            ["warnings"] = Warnings,
            ["failed"] = Failures,
        },
    };
}
