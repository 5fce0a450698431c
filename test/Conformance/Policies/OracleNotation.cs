using System.Globalization;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>
/// Short notation of the written cases. Policies are parted by <c> ; </c>, rules of one policy by <c> &amp; </c>, parts of a rule
/// by <c> ~ </c>: pattern, capabilities, then any of <c>allow {}</c>, <c>deny {}</c>, <c>need a,b</c>, <c>min 5</c>, <c>max 9</c>.
/// A request is <c>operation path [{data}] [wrap=5] [sudo]</c>.
/// </summary>
internal static class OracleNotation
{
    public static OraclePolicy[] Policies(string text) =>
        [.. text.Split(" ; ").Select((p, i) => p == "root" ? new OraclePolicy("root", []) : new OraclePolicy("p" + i, [.. p.Split(" & ").Select(Rule)]))];

    public static OracleRequest Request(string text)
    {
        string[] words = text.Split(' ', 3);
        string rest = words.Length > 2 ? words[2] : "";
        int end = rest.LastIndexOf('}') + 1;
        JsonObject? data = end > 0 ? JsonNode.Parse(rest[..end])!.AsObject() : null;
        string[] flags = rest[end..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? wrap = flags.FirstOrDefault(f => f.StartsWith("wrap=", StringComparison.Ordinal));
        return new OracleRequest(words[0], words[1])
        {
            Data = data,
            WrapSeconds = wrap is null ? null : int.Parse(wrap[5..], CultureInfo.InvariantCulture),
            NeedsSudo = flags.Contains("sudo"),
        };
    }

    private static OracleRule Rule(string text)
    {
        string[] parts = text.Split(" ~ ");
        string[] capabilities = parts[1] == "-" ? [] : parts[1].Split(',');
        var rule = new OracleRule(parts[0], capabilities);
        foreach (string part in parts.Skip(2))
        {
            (string word, string value) = (part[..part.IndexOf(' ', StringComparison.Ordinal)], part[(part.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            rule = word switch
            {
                "allow" => rule with { Allowed = JsonNode.Parse(value)!.AsObject() },
                "deny" => rule with { Denied = JsonNode.Parse(value)!.AsObject() },
                "need" => rule with { Required = value.Split(',') },
                "min" => rule with { MinWrap = int.Parse(value, CultureInfo.InvariantCulture) },
                "max" => rule with { MaxWrap = int.Parse(value, CultureInfo.InvariantCulture) },
                _ => throw new FormatException($"no such part of a rule: {word}"),
            };
        }
        return rule;
    }
}
