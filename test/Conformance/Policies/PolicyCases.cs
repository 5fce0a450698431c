using System.Globalization;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>
/// Random policies that overlap on purpose, and requests made from their patterns. The same seed gives the same cases.
/// </summary>
/// <param name="prefix">Put before every pattern; <c>""</c> lets patterns begin with <c>+</c>.</param>
internal sealed class PolicyCases(Random random, string prefix = "")
{
    private static readonly string[] Segments = ["a", "b", "ab", "abc", "A", "Ab", "é", "É", "", "a+b", "+x", "a*b", "a b"];
    private static readonly string[] Capabilities = ["create", "read", "update", "patch", "delete", "list", "scan", "sudo"];
    private static readonly string[] Names = ["x", "X", "y", "yy"];
    private static readonly string[] Texts = ["a", "A", "ab", "b", " a", "a ", "a,b", "a, b", "5", "true", "", ",", "a,", "é", "z=a", "x=5"];
    private static readonly string[] Globs = ["a*", "*b", "*a*", "*", "A*"];

    public OraclePolicy[] Policies()
    {
        var patterns = new List<string>();
        var policies = new OraclePolicy[random.Next(1, 5)];
        for (int i = 0; i < policies.Length; i++)
        {
            var rules = new OracleRule[random.Next(1, 5)];
            for (int k = 0; k < rules.Length; k++)
                rules[k] = Rule(Pattern(patterns, rules.Take(k).Select(r => r.Pattern)));
            policies[i] = new OraclePolicy("p" + i, rules);
        }
        return policies;
    }

    public OracleRequest Request(OraclePolicy[] policies)
    {
        string path = Path(policies);
        string operation = random.Next(20) == 0 ? "help" : Capabilities[random.Next(7)];
        if (operation is "list" or "scan" && Chance(2) && !path.EndsWith('/'))
            path += "/";
        return new OracleRequest(operation, path)
        {
            Data = Chance(2) ? Data() : null,
            WrapSeconds = Chance(4) ? random.Next(1, 7) : null,
            NeedsSudo = Chance(8),
        };
    }

    /// <summary>A pattern of one of the policies with its wildcards filled in and its case, ends or slash sometimes changed.</summary>
    public string Path(OraclePolicy[] policies)
    {
        OraclePolicy policy = Pick(policies);
        string pattern = Pick(policy.Rules).Pattern[prefix.Length..];
        IEnumerable<string> filled = pattern.TrimEnd('*').Split('/').Select(s => s == "+" ? Pick(Segments) : s);
        string path = string.Join('/', filled) + (pattern.EndsWith('*') && Chance(2) ? Pick(Segments) : "");
        path = random.Next(12) switch
        {
            0 => path.ToUpperInvariant(),
            1 => path.ToLowerInvariant(),
            2 => path + "/" + Pick(Segments),
            3 => path.TrimEnd('/'),
            4 when path.Length > 1 => path[..^1],
            5 => path + "/",
            6 => SwapCase(path),
            _ => path,
        };
        path = path.TrimStart('/');
        return prefix + (path.Length == 0 && prefix.Length == 0 ? "a" : path);
    }

    public JsonObject Data()
    {
        var data = new JsonObject();
        for (int i = random.Next(3); i > 0; i--)
            data[Pick(Names)] = Value(2);
        return data;
    }

    private string Pattern(List<string> known, IEnumerable<string> taken)
    {
        while (true)
        {
            string pattern = known.Count > 0 && Chance(2) ? Variant(Pick(known)) : Fresh();
            if (pattern.Length == 0 || pattern.Contains("+*", StringComparison.Ordinal) || pattern.StartsWith('/') || taken.Contains(prefix + pattern))
                continue;
            known.Add(pattern);
            return prefix + pattern;
        }
    }

    private string Fresh()
    {
        var segments = new string[random.Next(1, 5)];
        for (int i = 0; i < segments.Length; i++)
            segments[i] = Chance(3) ? "+" : Chance(3) ? Pick(Segments) : Segments[random.Next(4)];
        return string.Join('/', segments) + random.Next(8) switch { 0 => "*", 1 or 2 => "/*", 3 => "/", _ => "" };
    }

    /// <summary>The same pattern, or one that overlaps with it.</summary>
    private string Variant(string pattern)
    {
        string[] segments = pattern.Split('/');
        int at = random.Next(segments.Length);
        switch (random.Next(9))
        {
            case 0: return SwapCase(pattern);
            case 1: return pattern.ToUpperInvariant();
            case 2: return pattern.TrimEnd('*') + "*";
            case 3: return pattern.EndsWith('/') ? pattern[..^1] : pattern + "/";
            case 4: return pattern.TrimEnd('*', '/') + "/" + Pick(Segments);
            case 5: segments[at] = "+"; return string.Join('/', segments);
            case 6: segments[at] = Pick(Segments); return string.Join('/', segments);
            case 7: return string.Join('/', segments[..at]) + "/*";
            default: return pattern;
        }
    }

    private OracleRule Rule(string pattern)
    {
        string[] capabilities = random.Next(8) switch
        {
            0 or 1 => ["deny"],
            2 => [],
            3 => [Pick(Capabilities), "deny"],
            _ => [.. Capabilities.Where(_ => random.Next(3) > 0)],
        };
        return new OracleRule(pattern, capabilities)
        {
            Allowed = Chance(6) ? Lists() : null,
            Denied = Chance(6) ? Lists() : null,
            Required = Chance(12) ? [Pick(Names)] : null,
            MinWrap = Chance(12) ? random.Next(1, 5) : 0,
            MaxWrap = Chance(12) ? random.Next(4, 7) : 0,
        };
    }

    private JsonObject Lists()
    {
        var lists = new JsonObject();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            string name = Chance(4) ? "*" : Pick(Names);
            // Two spellings of one name in one rule are left out: the parser may refuse them.
            if (lists.Any(l => string.Equals(l.Key, name, StringComparison.OrdinalIgnoreCase)))
                continue;
            var values = new JsonArray();
            for (int k = random.Next(4); k > 0; k--)
                values.Add(Chance(3) ? JsonValue.Create(Pick(Globs)) : Scalar());
            lists[name] = values;
        }
        return lists;
    }

    private JsonNode? Value(int depth) => random.Next(10) switch
    {
        0 or 1 when depth > 0 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1))]),
        2 => null,
        3 when depth > 0 => new JsonObject { [Pick(Names)] = Value(depth - 1), ["z"] = Value(0) },
        _ => Scalar(),
    };

    private JsonNode Scalar() => random.Next(6) switch
    {
        0 => JsonValue.Create(random.Next(2) == 0 ? 5 : 55),
        1 => JsonValue.Create(Chance(2)),
        _ => JsonValue.Create(Pick(Texts)),
    };

    private string SwapCase(string text) =>
        string.Concat(text.Select(c => !Chance(2) ? c : char.IsUpper(c) ? char.ToLower(c, CultureInfo.InvariantCulture) : char.ToUpper(c, CultureInfo.InvariantCulture)));

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    private bool Chance(int oneIn) => random.Next(oneIn) == 0;
}
