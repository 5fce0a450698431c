using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Policies.Matching;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies.Matching;

/// <summary>The index finds what a scan over all patterns would find.</summary>
public sealed class PatternIndexTests(ITestOutputHelper output)
{
    private static readonly string[] s_segments = ["a", "b", "ab", "abc", "", "+", "+", "+a", "c+"];
    private static readonly Policy s_policy = PolicyParser.Parse("p", "");

    [Fact]
    public void FindWildcard_randomPatterns_isTheBestOfAScan()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var found = 0;
        for (var set = 0; set < 500; set++)
        {
            var rules = Enumerable.Range(0, random.Next(1, 40)).Select(_ => Path(random, "*")).Distinct(StringComparer.Ordinal)
                .Select(path => new PatternRule(path, [(s_policy, Rule(path, random))])).ToArray();
            var index = new PatternIndex(rules);
            for (var i = 0; i < 100; i++)
            {
                var path = Path(random, "x").Replace("+", "q", StringComparison.Ordinal);
                var expected = rules
                    .Where(rule => rule.Pattern.Kind != PatternKind.Exact && rule.At(AclTable.Now) is not null && Matches(rule.Pattern.Text, path))
                    .MaxBy(rule => rule.Pattern);
                var actual = index.FindWildcard(path, AclTable.Now);
                Assert.True(ReferenceEquals(expected, actual), $"seed {seed}: {path} found {actual?.Pattern.Text}, expected {expected?.Pattern.Text} of [{string.Join(' ', rules.Select(rule => rule.Pattern.Text))}]");
                found += actual is null ? 0 : 1;
            }
        }

        Assert.InRange(found, 5_000, 49_999);
    }

    [Fact]
    public void Fold_everyCharacter_joinsItsLetterCases()
    {
        for (var c = 1; c < 0x10000; c++)
        {
            var text = "x" + (char)c;
            if (char.IsSurrogate((char)c))
            {
                continue;
            }

            var folded = LetterCase.Fold(text);
            Assert.Equal(folded, LetterCase.Fold(text.ToLowerInvariant()));
            Assert.Equal(folded, LetterCase.Fold(text.ToUpperInvariant()));
            Assert.Equal(folded, LetterCase.Fold(folded));
            Assert.Equal(text.Length, folded.Length);
        }

        Assert.Equal(LetterCase.Fold("\U00010400"), LetterCase.Fold("\U00010428"));
        Assert.NotEqual(LetterCase.Fold("a"), LetterCase.Fold("á"));
    }

    private static string Path(Random random, string end)
    {
        var path = string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => s_segments[random.Next(s_segments.Length)]));
        return random.Next(2) == 0 && !path.EndsWith('+') ? path + end : path;
    }

    private static PolicyRule Rule(string path, Random random) =>
        new() { Path = path, Capabilities = Capability.Read, Expiration = random.Next(5) == 0 ? AclTable.Now : null };

    private static bool Matches(string pattern, string path)
    {
        var expected = pattern.TrimEnd('*').Split('/');
        var given = path.Split('/');
        var isPrefix = pattern.EndsWith('*');
        return (isPrefix ? given.Length >= expected.Length : given.Length == expected.Length)
            && expected.Index().All(part => part.Item == "+" || part.Item == given[part.Index]
                || (isPrefix && part.Index == expected.Length - 1 && given[part.Index].StartsWith(part.Item, StringComparison.Ordinal)));
    }
}
