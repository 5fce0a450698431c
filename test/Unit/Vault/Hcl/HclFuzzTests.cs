using System.Diagnostics;
using System.Text;
using Candlefish.Secrets.Vault.Hcl;
using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Hcl;

/// <summary>Mutated documents end in a tree or in <see cref="HclException"/>, never in anything else, and soon.</summary>
public sealed class HclFuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 100_000;

    private static readonly string[] s_seeds =
    [
        "listener \"tcp\" {\n  address = \"0.0.0.0:8200\" # c\n  tls_disable = 1\n}\nui = true\n",
        "path \"secret/*\" {\n  capabilities = [\"read\", \"list\",]\n  allowed_parameters = { \"a\" = [1, true, \"x*\"] }\n}\n",
        "policy \"p\" { rules = <<EOT\npath \"a/+/b\" { policy = \"write\" }\n  EOT\n}\n",
        "a = <<-X\n  one\n  X\nb = \"\\u00e9 ${ \\\" }\" /* c */ c = 0x1f d = -1.5e3\n",
        """{"path": {"a/{{identity.entity.id}}/*": {"capabilities": ["read"], "max_wrapping_ttl": "1h"}}}""",
        "path \"a\" { control_group = { ttl = \"4h\" factor \"f\" { identity { group_names = [\"g\"] approvals = 2 } } } }",
    ];

    private static readonly string[] s_pieces =
    [
        "{", "}", "[", "]", "=", ",", "\"", "\\", "\n", "<<E\n", "<<-E\n", "E\n", "${", "#", "/*", "*/", "//", "\0",
        "\ud800", "é", "0x", "-", "1e", "true", "path", "policy", "{{", "}}", "+", "*", "\\u", "\r", "'", " ", "9999999999999999999",
    ];

    [Fact]
    public void Parse_mutatedDocuments_failOnlyWithTheirOwnException()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var accepted = 0;
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Inputs; i++)
        {
            var text = Mutate(s_seeds[random.Next(s_seeds.Length)], random);
            try
            {
                HclDocument.Parse(text);
                accepted++;
                PolicyParser.Parse("p", text);
            }
            catch (Exception e) when (e is HclException or PolicyException)
            {
                Assert.NotEmpty(e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, input {i}: {e.GetType().Name} for {Convert.ToBase64String(Encoding.Unicode.GetBytes(text))}");
            }
        }

        output.WriteLine($"{accepted} of {Inputs} accepted in {Stopwatch.GetElapsedTime(started)}");
        Assert.InRange(accepted, Inputs / 200, Inputs - 1);
    }

    [Fact]
    public void Parse_hostileDocuments_takeNoTime()
    {
        string[] texts =
        [
            new string('{', 1_000_000),
            "a = " + new string('[', 1_000_000),
            string.Concat(Enumerable.Repeat("a {", 300_000)),
            string.Concat(Enumerable.Repeat("/*", 500_000)),
            "a = \"" + string.Concat(Enumerable.Repeat("${", 400_000)),
            string.Concat(Enumerable.Repeat("a = <<E\n", 100_000)),
            "a = " + new string('9', 1_000_000),
            "a = " + new string('0', 1_000_000),
            string.Concat(Enumerable.Range(0, 60_000).Select(i => $"a{i}=1\n")),
            string.Concat(Enumerable.Repeat("a \"b\" {}\n", 60_000)),
            "{\"a\":" + string.Concat(Enumerable.Repeat("{\"a\":", 150_000)),
        ];
        var started = Stopwatch.GetTimestamp();
        foreach (var text in texts)
        {
            try
            {
                HclDocument.Parse(text);
            }
            catch (HclException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static string Mutate(string text, Random random)
    {
        var builder = new StringBuilder(text);
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(builder.Length + 1);
            switch (random.Next(4))
            {
                case 0:
                    builder.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 1:
                    builder.Remove(at, Math.Min(random.Next(1, 8), builder.Length - at));
                    break;
                case 2 when at < builder.Length:
                    builder[at] = (char)random.Next(0x20, 0x7F);
                    break;
                default:
                    var from = random.Next(text.Length);
                    builder.Insert(at, text.AsSpan(from, random.Next(text.Length - from)));
                    break;
            }
        }

        return builder.ToString();
    }
}
