using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Vault.Policies;

namespace Candlefish.Secrets.Cli.Commands.Policy;

/// <summary>One cell of an access matrix: whether a role has a capability at a path.</summary>
internal sealed record PolicyCell(string Role, string Path, string Capability, bool IsExpected);

/// <summary>
/// A declared access matrix. <c>roles</c> names the policies of each role; each entry of <c>matrix</c>
/// has a path and, per role, exactly the capabilities it must have there: every other one of the
/// tested capabilities (<c>capabilities</c>, by default create, read, update, delete, list) must be refused.
/// </summary>
internal sealed class PolicyMatrix
{
    private static readonly string[] Tested = ["create", "read", "update", "delete", "list"];

    private PolicyMatrix(IReadOnlyDictionary<string, string[]> roles, IReadOnlyList<PolicyCell> cells)
    {
        Roles = roles;
        Cells = cells;
    }

    /// <summary>Policies by role.</summary>
    internal IReadOnlyDictionary<string, string[]> Roles { get; }

    internal IReadOnlyList<PolicyCell> Cells { get; }

    /// <summary>A matrix of one cell.</summary>
    internal static PolicyMatrix Single(string role, string[] policies, string path, string capability) => new(
        new Dictionary<string, string[]> { [role] = policies }, [new PolicyCell(role, path.Trim('/'), Known(capability, "--cap"), true)]);

    /// <exception cref="CliError">The file is no such matrix.</exception>
    internal static PolicyMatrix Load(string file)
    {
        var root = YamlDocument.Read(file) as JsonObject ?? throw Broken(file, "it has no mapping at the top");
        var roles = (root["roles"] as JsonObject ?? throw Broken(file, "it has no roles"))
            .ToDictionary(static r => r.Key, r => Words(r.Value is JsonObject role ? role["policies"] : r.Value), StringComparer.Ordinal);
        var cells = new List<PolicyCell>();
        foreach (var entry in root["matrix"] as JsonArray ?? throw Broken(file, "it has no matrix"))
        {
            var path = entry?["path"]?.ToString().Trim('/') ?? throw Broken(file, "an entry of matrix has no path");
            var tested = Words(entry["capabilities"] ?? root["capabilities"]) is { Length: > 0 } own ? own : Tested;
            foreach (var (role, granted) in entry["expect"] as JsonObject ?? throw Broken(file, $"the entry of {path} has no expect"))
            {
                if (!roles.ContainsKey(role))
                {
                    throw Broken(file, $"the entry of {path} names the role {role}, which is not among the roles");
                }

                var expected = Words(granted).Where(static w => w is not ("none" or "deny")).Select(w => Known(w, path)).ToHashSet(StringComparer.Ordinal);
                cells.AddRange(tested.Union(expected).Select(c => new PolicyCell(role, path, Known(c, path), expected.Contains(c))));
            }
        }

        return new PolicyMatrix(roles, cells);
    }

    private static string Known(string capability, string where) => CapabilityNames.TryParse(capability, out _) ? capability : throw CliError.Usage(
        $"unknown capability \"{capability}\" at {where}",
        Suggestion.Nearest(capability, CapabilityNames.All) is { } nearest ? $"did you mean \"{nearest}\"?" : "no policy knows it",
        "use create, read, update, patch, delete, list or sudo");

    /// <summary>A list, or a text of words between commas or blanks.</summary>
    private static string[] Words(JsonNode? node) => node is JsonArray list
        ? [.. list.Select(static w => w?.ToString() ?? "")]
        : (node?.ToString() ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);

    private static CliError Broken(string file, string why) => CliError.Usage($"{file} is not an access matrix", why, "see docs/cli.md for the form");
}
