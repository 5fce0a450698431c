using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Candlefish.Secrets.Tests.Support;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Secrets;

/// <summary>
/// Makes <c>.specs/traceability.md</c> from the tables of the specifications, the <see cref="RequirementAttribute"/>s of
/// the tests and the tags of the scenarios. When it has changed, run with CANDLEFISH_UPDATE=1 and commit it.
/// </summary>
[Requirement("CI-10", "CI-11")]
public sealed partial class TraceabilityTests
{
    private static readonly string[] Documents = ["00_secrets-management.md", "10_expectations.md", "20_security.md"];

    [Fact]
    public void Table_is_the_one_that_the_tests_make()
    {
        string path = RepositoryRoot.Join(".specs", "traceability.md");
        string now = Make();
        if (Environment.GetEnvironmentVariable("CANDLEFISH_UPDATE") == "1")
        {
            File.WriteAllText(path, now);
        }

        Assert.Equal(File.ReadAllText(path), now);
    }

    [Fact]
    public void Specifications_have_unique_ids_and_the_section_on_refinement()
    {
        List<Match> rows = Rows();
        Assert.True(rows.Count > 51);
        Assert.Equal(rows.Count, rows.Select(row => row.Groups["id"].Value).Distinct().Count());
        Assert.All(Documents, name => Assert.Contains(
            "## Refinement Opportunities", File.ReadAllText(RepositoryRoot.Join(".specs", name)), StringComparison.Ordinal));
    }

    [Fact]
    public void Specification_ids_of_tests_exist()
    {
        var known = Rows().Select(row => row.Groups["id"].Value).ToHashSet();
        Assert.DoesNotContain(TestsById().Keys, id => Specified().IsMatch(id) &&
            !known.Contains(id) && !known.Any(rule => rule.StartsWith(id + "-", StringComparison.Ordinal)));
    }

    private static string Make()
    {
        SortedDictionary<string, SortedSet<string>> tests = TestsById();
        var text = new StringBuilder("""
            # Traceability of the library's requirements

            Made by `TraceabilityTests` from the specifications in this directory, the attributes of the tests and the tags of the
            scenarios; not edited by hand. **checked** = at least one test carries the id. **open** = none does;
            statements of scope stay open.

            | Id | Phase | Effort | Status | Tests |
            |---|---|---|---|---|

            """);
        foreach (Match row in Rows())
        {
            string id = row.Groups["id"].Value;
            bool isChecked = tests.TryGetValue(id, out SortedSet<string>? names);
            text.Append("| ").Append(id).Append(" | ").Append(row.Groups["phase"].Value).Append(" | ")
                .Append(row.Groups["effort"].Value).Append(isChecked ? " | checked | " : " | open | ")
                .AppendJoin(", ", names ?? []).Append(" |\n");
        }

        text.Append("\nRequirements of the product that these tests carry:\n\n| Id | Tests |\n|---|---|\n");
        foreach ((string id, SortedSet<string> names) in tests.Where(entry => !Specified().IsMatch(entry.Key)))
        {
            text.Append("| ").Append(id).Append(" | ").AppendJoin(", ", names).Append(" |\n");
        }

        return text.ToString();
    }

    private static List<Match> Rows() =>
        [.. Documents.SelectMany(name => Row().Matches(File.ReadAllText(RepositoryRoot.Join(".specs", name))))];

    private static SortedDictionary<string, SortedSet<string>> TestsById()
    {
        var tests = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (Type type in typeof(TraceabilityTests).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("Candlefish.Secrets.Tests.Unit.Secrets", StringComparison.Ordinal) == true))
        {
            foreach (MemberInfo member in new MemberInfo[] { type }.Concat(type.GetMethods()))
            {
                foreach (RequirementAttribute requirement in member.GetCustomAttributes<RequirementAttribute>(inherit: false))
                {
                    Add(requirement.Ids, type.Name);
                }
            }
        }

        foreach (FeatureFile feature in FeatureFile.LoadAll(RepositoryRoot.Join("test", "Unit", "Secrets", "Features")))
        {
            Add(feature.Scenarios.SelectMany(scenario => scenario.Tags), Path.GetFileName(feature.Path));
        }

        return tests;

        void Add(IEnumerable<string> ids, string name)
        {
            foreach (string id in ids)
            {
                if (!tests.TryGetValue(id, out SortedSet<string>? names))
                {
                    tests[id] = names = new SortedSet<string>(StringComparer.Ordinal);
                }

                names.Add(name);
            }
        }
    }

    [GeneratedRegex(@"^\| (?<id>(SM|EXP|SEC)-[A-Z]+-[0-9A-Z-]+) \| .* \| (?<phase>\d) \| (?<effort>[SML]) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(SM-|EXP-|SEC-SECRET-).*-[RT]?\d+$")]
    private static partial Regex Specified();
}
