using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets.Features;

/// <summary>Runs every scenario of the feature files as a test of its own.</summary>
[Requirement("CI-7", "CI-8", "EXP-CROSS-7003-R1", "EXP-CROSS-7003-R3")]
public sealed class FeatureTests
{
    private static readonly IReadOnlyList<FeatureFile> Features =
        FeatureFile.LoadAll(RepositoryRoot.Join("test", "Unit", "Secrets", "Features"));

    public static TheoryData<string, string> Scenarios
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (FeatureFile feature in Features)
            {
                foreach (FeatureScenario scenario in feature.Scenarios)
                {
                    data.Add(feature.Name, scenario.Name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_holds(string feature, string scenario)
    {
        FeatureFile file = Features.Single(candidate => candidate.Name == feature);
        using var steps = new SecretSteps();
        SecretSteps.Write(steps).Run(file, file.Scenarios.Single(candidate => candidate.Name == scenario));
    }

    [Fact]
    public void There_are_24_scenarios_in_four_files()
    {
        Assert.SkipUnless(
            string.IsNullOrEmpty(Environment.GetEnvironmentVariable(FeatureFile.FilterVariable)), "Only some features run.");
        Assert.Equal(4, Features.Count);
        Assert.Equal(24, Features.Sum(feature => feature.Scenarios.Count));
    }

    [Fact]
    public void Sentence_that_no_step_knows_fails()
    {
        FeatureFile feature = FeatureFile.Parse("x.feature", ["Feature: f", "Scenario: s", "Given something unheard of"]);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => new StepBook().Run(feature, feature.Scenarios[0]));
        Assert.Contains("x.feature:3", error.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => FeatureFile.Parse("x", ["Feature: f", "Scenario: s", "| a | table |"]));
    }
}
