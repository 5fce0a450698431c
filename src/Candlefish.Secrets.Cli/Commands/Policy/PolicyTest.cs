using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Policy;

/// <summary>
/// <c>policy test MATRIX.yaml</c>: compares a declared access matrix with what policies really allow,
/// on the server or, with <c>--file</c>, offline with the same engine.
/// </summary>
internal static class PolicyTest
{
    internal static Command Build(Invoker invoker)
    {
        var matrix = Args.Optional("matrix", "YAML file with the declared matrix");
        var path = Args.Text("path", "One path to test, with --cap and --as");
        var capability = Args.Text("cap", "One capability");
        var role = Args.Text("as", "Role of the matrix, or names of policies between commas");
        var files = Args.List("file", "Policy files to evaluate offline instead of asking the server");
        var strict = Args.Switch("strict", "Warnings alone have exit code 10");
        var command = new CheckCommand("test", "Compare a declared access matrix with what policies allow") { matrix, path, capability, role, files, strict };
        command.SetAction(invoker.RunCheck(async (cli, parse, cancellation) =>
        {
            var declared = Declared(cli, parse.GetValue(matrix), parse.GetValue(path), parse.GetValue(capability), parse.GetValue(role));
            await using IPolicyEvaluator evaluator = parse.GetValue(files) is { Length: > 0 } names
                ? new FilePolicyEvaluator(cli, names)
                : new ServerPolicyEvaluator(cli);
            var results = new List<(PolicyCell Cell, bool IsAllowed)>();
            foreach (var group in declared.Cells.GroupBy(static c => (c.Role, c.Path)))
            {
                var granted = await evaluator.CapabilitiesAsync(declared.Roles[group.Key.Role], group.Key.Path, cancellation);
                results.AddRange(group.Select(c => (c, granted.Contains("root") || granted.Contains(c.Capability))));
            }

            cli.Output.Write(ViewOf(cli, results));
            var failed = results.Count(static r => r.IsAllowed != r.Cell.IsExpected);
            var warnings = Hints(cli, declared);
            cli.Messages.Info($"{results.Count - failed}/{results.Count} cells as declared, {failed} failed");
            return CheckExitCode.From(failed, warnings, parse.GetValue(strict));
        }));
        return command;
    }

    private static PolicyMatrix Declared(CliContext cli, string? file, string? path, string? capability, string? role)
    {
        var loaded = file is null ? null : PolicyMatrix.Load(Path.Combine(cli.Host.WorkingFolder, file));
        if (path is null && capability is null && role is null)
        {
            return loaded ?? throw CliError.Usage("nothing to test", "neither a matrix nor --path, --cap and --as are given", "candlefish-secrets policy test MATRIX.yaml");
        }

        if (path is null || capability is null || role is null)
        {
            throw CliError.Usage("a single test needs --path, --cap and --as", "one of them is missing", "candlefish-secrets policy test --path secret/data/app --cap read --as POLICY");
        }

        return PolicyMatrix.Single(role, loaded is not null && loaded.Roles.TryGetValue(role, out var policies) ? policies : role.Split(','), path, capability);
    }

    private static View ViewOf(CliContext cli, List<(PolicyCell Cell, bool IsAllowed)> results)
    {
        var rows = results.Select(r => (IReadOnlyList<string>)
        [
            r.IsAllowed == r.Cell.IsExpected ? $"{cli.Messages.Tick} pass" : $"{cli.Messages.Cross} FAIL",
            r.Cell.Role,
            r.Cell.Capability,
            r.Cell.Path,
            r.Cell.IsExpected ? "ALLOW" : "DENY",
            r.IsAllowed ? "ALLOW" : "DENY",
        ]);
        var document = new JsonObject
        {
            ["cells"] = new JsonArray([.. results.Select(static r => (JsonNode?)new JsonObject
            {
                ["role"] = r.Cell.Role,
                ["path"] = r.Cell.Path,
                ["capability"] = r.Cell.Capability,
                ["expected"] = r.Cell.IsExpected ? "allow" : "deny",
                ["actual"] = r.IsAllowed ? "allow" : "deny",
                ["pass"] = r.IsAllowed == r.Cell.IsExpected,
            })]),
            ["total"] = results.Count,
            ["failed"] = results.Count(static r => r.IsAllowed != r.Cell.IsExpected),
        };
        return new View(document)
        {
            Sections = [new Section(null, ["Result", "Role", "Capability", "Path", "Declared", "Actual"], [.. rows])],
            Fields = [document],
            Lines = (document["cells"] as JsonArray)?.DeepClone().AsArray(),
        };
    }

    /// <summary>Version 2 mounts list through their metadata path, so list on a data path has no effect: point it out.</summary>
    private static int Hints(CliContext cli, PolicyMatrix declared)
    {
        var paths = declared.Cells
            .Where(static c => c is { Capability: "list", IsExpected: true } && c.Path.Contains("/data/", StringComparison.Ordinal))
            .Select(static c => c.Path).Distinct().ToList();
        foreach (var path in paths)
        {
            cli.Messages.Warn($"list on {path} has no effect on a version 2 mount; lists go through {path.Replace("/data/", "/metadata/", StringComparison.Ordinal)}");
        }

        return paths.Count;
    }
}
