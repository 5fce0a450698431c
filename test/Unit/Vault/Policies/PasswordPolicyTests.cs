using System.Text;
using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

public sealed class PasswordPolicyTests
{
    [Fact]
    public void Generate_standard_hasLengthAndEverySet()
    {
        for (var i = 0; i < 500; i++)
        {
            var password = Encoding.UTF8.GetString(PasswordPolicy.Standard.Generate());
            Assert.Equal(20, password.Length);
            Assert.Contains(password, char.IsAsciiLetterLower);
            Assert.Contains(password, char.IsAsciiLetterUpper);
            Assert.Contains(password, char.IsAsciiDigit);
            Assert.Contains('-', password);
        }
    }

    [Fact]
    public void Generate_minimaThatFillTheLength_areKept()
    {
        var policy = PasswordPolicy.Parse("""
            length = 6
            rule "charset" { charset = "ab" min-chars = 4 }
            rule "charset" { charset = "é🔑" min-chars = 2 }
            """);
        for (var i = 0; i < 200; i++)
        {
            var runes = Encoding.UTF8.GetString(policy.Generate()).EnumerateRunes().ToArray();
            Assert.Equal(6, runes.Length);
            Assert.Equal(4, runes.Count(rune => rune.Value is 'a' or 'b'));
        }
    }

    [Fact]
    public void Generate_characters_areEvenlySpread()
    {
        var policy = PasswordPolicy.Parse("length = 1000\nrule \"charset\" { charset = \"abcdefg\" }");
        var counts = new int[7];
        for (var i = 0; i < 70; i++)
        {
            foreach (var character in policy.Generate())
            {
                counts[character - 'a']++;
            }
        }

        // 70,000 draws over 7 characters: 10,000 each, standard deviation 93; 7 deviations fail once in 10^11 runs.
        Assert.All(counts, count => Assert.InRange(count, 9_350, 10_650));
    }

    [Fact]
    public void Generate_requiredCharacter_standsAnywhere()
    {
        var policy = PasswordPolicy.Parse("""{"length": 4, "rule": {"charset": [{"charset": "x", "min-chars": 1}, {"charset": "y", "min-chars": 3}]}}""");
        var places = Enumerable.Range(0, 400).Select(_ => Encoding.UTF8.GetString(policy.Generate()).IndexOf('x', StringComparison.Ordinal)).ToHashSet();
        Assert.Equal([0, 1, 2, 3], places.Order());
    }

    [Theory]
    [InlineData("rule \"charset\" { charset = \"a\" }", "length is missing")]
    [InlineData("length = 3\nrule \"charset\" { charset = \"a\" }", "length is not from 4 to 1000")]
    [InlineData("length = 1001\nrule \"charset\" { charset = \"a\" }", "length is not from 4 to 1000")]
    [InlineData("length = 10", "expected 1 to 32 rules")]
    [InlineData("length = 10\nrule \"words\" { charset = \"a\" }", "invalid rule \"words\"")]
    [InlineData("length = 10\nrule \"charset\" { }", "charset is missing")]
    [InlineData("length = 10\nrule \"charset\" { charset = \"\" }", "charset is empty")]
    [InlineData("length = 10\nrule \"charset\" { charset = \"a\\n\" }", "not printable")]
    [InlineData("length = 10\nrule \"charset\" { charset = \"a\" min-chars = -1 }", "min-chars is not from 0")]
    [InlineData("length = 10\nrule \"charset\" { charset = \"a\" min_chars = 1 }", "invalid key \"min_chars\"")]
    [InlineData("length = 10\nrule \"charset\" { charset = \"a\" min-chars = 6 }\nrule \"charset\" { charset = \"b\" min-chars = 5 }", "larger than length")]
    [InlineData("length = 10\nsize = 1\nrule \"charset\" { charset = \"a\" }", "invalid key \"size\"")]
    [InlineData("length = ", "failed to parse policy")]
    public void Parse_badPolicy_saysWhy(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<PolicyException>(() => PasswordPolicy.Parse(text)).Message, StringComparison.Ordinal);
}
