using System.Globalization;
using System.Text.RegularExpressions;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// The sentences that a scenario may use, each with what it does. An expression holds <c>{string}</c> for text in double
/// quotes and <c>{int}</c> for a whole number. A sentence that none or several expressions match is an error.
/// </summary>
public sealed class StepBook
{
    private readonly List<(string Keyword, string Expression, Regex Pattern, Action<object[]> Run)> _steps = [];

    public void Given(string expression, Action step) => Add("Given", expression, _ => step());

    public void Given<T>(string expression, Action<T> step) => Add("Given", expression, values => step((T)values[0]));

    public void When(string expression, Action step) => Add("When", expression, _ => step());

    public void When<T>(string expression, Action<T> step) => Add("When", expression, values => step((T)values[0]));

    public void Then(string expression, Action step) => Add("Then", expression, _ => step());

    public void Then<T>(string expression, Action<T> step) => Add("Then", expression, values => step((T)values[0]));

    /// <summary>Runs the steps in order; a failure names the file and line.</summary>
    public void Run(FeatureFile feature, FeatureScenario scenario)
    {
        foreach (FeatureStep step in scenario.Steps)
        {
            var matches = _steps
                .Where(known => known.Keyword == step.Keyword)
                .Select(known => (known.Run, Match: known.Pattern.Match(step.Text)))
                .Where(candidate => candidate.Match.Success)
                .ToList();
            if (matches.Count != 1)
            {
                throw new InvalidOperationException(
                    $"{feature.Path}:{step.Line}: {matches.Count} steps match '{step.Keyword} {step.Text}'.");
            }

            try
            {
                matches[0].Run(Values(matches[0].Match));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    $"{feature.Path}:{step.Line}: {step.Keyword} {step.Text}: {failure.Message}", failure);
            }
        }
    }

    private void Add(string keyword, string expression, Action<object[]> run)
    {
        string pattern = Regex.Escape(expression)
            .Replace(@"\{string}", "(?<string>\"[^\"]*\")", StringComparison.Ordinal)
            .Replace(@"\{int}", "(?<int>-?[0-9]+)", StringComparison.Ordinal);
        _steps.Add((keyword, expression, new Regex($"^{pattern}$", RegexOptions.CultureInvariant), run));
    }

    private static object[] Values(Match match) =>
    [
        .. match.Groups.Values
            .Where(group => group.Success && group.Name is "string" or "int")
            .OrderBy(group => group.Index)
            .Select(group => group.Name == "int"
                ? (object)int.Parse(group.Value, CultureInfo.InvariantCulture)
                : group.Value[1..^1]),
    ];
}
