namespace Candlefish.Secrets.Tests.Support;

/// <summary>One line of a scenario: its words without the keyword, and where it stands.</summary>
public sealed record FeatureStep(string Keyword, string Text, int Line);

/// <summary>One scenario with its steps in order; those of the background come first.</summary>
public sealed record FeatureScenario(string Name, IReadOnlyList<string> Tags, IReadOnlyList<FeatureStep> Steps);

/// <summary>
/// A Gherkin file: Feature, Background, Scenario, tags, comments, and the steps Given, When, Then, And, But. Outlines,
/// tables and doc strings are refused, so that nothing is silently skipped.
/// </summary>
public sealed record FeatureFile(string Path, string Name, IReadOnlyList<FeatureScenario> Scenarios)
{
    /// <summary>Runs only the named file, or the files below the named directory.</summary>
    public const string FilterVariable = "CANDLEFISH_BDD_FEATURE_PATH";

    private static readonly string[] StepKeywords = ["Given", "When", "Then", "And", "But"];

    /// <summary>All feature files of a directory, sorted, after <see cref="FilterVariable"/>.</summary>
    public static IReadOnlyList<FeatureFile> LoadAll(string directory)
    {
        string? filter = Environment.GetEnvironmentVariable(FilterVariable);
        return
        [
            .. Directory.GetFiles(directory, "*.feature")
                .Where(path => string.IsNullOrEmpty(filter) || path.Contains(filter, StringComparison.Ordinal) ||
                    filter.EndsWith(System.IO.Path.GetFileName(path), StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(path => Parse(path, File.ReadAllLines(path))),
        ];
    }

    public static FeatureFile Parse(string path, IReadOnlyList<string> lines)
    {
        string? name = null;
        var scenarios = new List<FeatureScenario>();
        var background = new List<FeatureStep>();
        List<FeatureStep>? steps = null;
        List<string> tags = [];
        string keyword = "Given";
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line[0] == '@')
            {
                tags.AddRange(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(tag => tag[1..]));
            }
            else if (After(line, "Feature:") is string feature)
            {
                name = feature;
                tags = [];
            }
            else if (After(line, "Background:") is not null)
            {
                steps = background;
            }
            else if (After(line, "Scenario:") is string scenario)
            {
                steps = [.. background];
                scenarios.Add(new FeatureScenario(scenario, tags, steps));
                tags = [];
            }
            else if (StepKeywords.FirstOrDefault(word => line.StartsWith(word + " ", StringComparison.Ordinal)) is string word)
            {
                keyword = word is "And" or "But" ? keyword : word;
                (steps ?? throw Bad(path, i, "a step outside a scenario"))
                    .Add(new FeatureStep(keyword, line[(word.Length + 1)..].Trim(), i + 1));
            }
            else if (steps is not null || line[0] is '|' or '"')
            {
                throw Bad(path, i, $"words that are no step: {line}");
            }
        }

        return new FeatureFile(path, name ?? throw Bad(path, 0, "no Feature line"), scenarios);
    }

    private static string? After(string line, string keyword) =>
        line.StartsWith(keyword, StringComparison.Ordinal) ? line[keyword.Length..].Trim() : null;

    private static FormatException Bad(string path, int index, string what) => new($"{path}:{index + 1}: {what}");
}
