using System.Buffers;
using System.Globalization;
using Candlefish.Secrets.Vault.Hcl;
using Candlefish.Secrets.Vault.Policies.Matching;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>Turns <c>path "…" { }</c> blocks into rules; unknown keys and words are refused by name.</summary>
internal static class PolicyRuleParser
{
    /// <summary>Most rules of one policy.</summary>
    public const int MaxRules = 10_000;

    /// <summary>Longest path of a rule, in characters.</summary>
    public const int MaxPathLength = 4_096;

    /// <summary>Most segments of a path that holds <c>+</c>: bounds the recursion of the matcher.</summary>
    public const int MaxWildcardSegments = 128;

    /// <summary>Longest word that a message repeats; the longest capability has 9 characters.</summary>
    private const int MaxWordLength = 16;

    private static readonly SearchValues<char> s_wordCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

    private static readonly HashSet<string> s_keys = new(StringComparer.Ordinal)
    {
        "capabilities", "policy", "allowed_parameters", "denied_parameters", "required_parameters", "min_wrapping_ttl",
        "max_wrapping_ttl", "mfa_methods", "control_group", "comment", "expiration", "pagination_limit",
        "list_scan_response_keys_filter_path", "subscribe_event_types",
    };

    public static IReadOnlyList<PolicyRule> ParseAll(IReadOnlyList<HclBlock> blocks, out IReadOnlyList<string> warnings)
    {
        if (blocks.Count > MaxRules)
        {
            throw new PolicyException(blocks[MaxRules].Position, $"more than {MaxRules} paths: split the policy");
        }

        var found = new List<string>();
        var rules = blocks.Select(block => Parse(block, found)).ToArray();
        warnings = found;
        return rules;
    }

    /// <summary>A name from the text for a message: as it is when it is short and plain, else only what it is.</summary>
    public static string Quote(string text) =>
        text.Length is > 0 and <= 128 && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? $"\"{text}\"" : "(not printable)";

    /// <summary>A value where one of a few words belongs, for a message: only when it may be a misspelt one, for it may also be a secret that went astray.</summary>
    public static string QuoteWord(string value) =>
        value.Length is > 0 and <= MaxWordLength && value.AsSpan().IndexOfAnyExcept(s_wordCharacters) < 0 ? $"\"{value}\"" : "(not a word)";

    private static PolicyRule Parse(HclBlock block, List<string> warnings)
    {
        var label = block.Labels[0];
        var path = label.StartsWith('/') ? label[1..] : label;
        var template = CheckPath(block, path);
        if (block.FirstUnknown(s_keys) is { } unknown)
        {
            throw Problem(block, unknown.Position, $"invalid key {Quote(unknown.Name)}");
        }

        if (path.AsSpan(0, path.Length - 1).Contains('*'))
        {
            warnings.Add($"path {Quote(path)}: a '*' that is not the last character matches only itself.");
        }

        var rule = new PolicyRule
        {
            Path = path,
            Template = template,
            Capabilities = Capabilities(block),
            AllowedParameters = ParameterListParser.Parse(block, "allowed_parameters"),
            DeniedParameters = ParameterListParser.Parse(block, "denied_parameters"),
            RequiredParameters = Strings(block, "required_parameters", name => name.ToLowerInvariant()),
            MinWrappingTtl = WrappingTtl(block, "min_wrapping_ttl"),
            MaxWrappingTtl = WrappingTtl(block, "max_wrapping_ttl"),
            MfaMethods = Strings(block, "mfa_methods"),
            ControlGroup = ControlGroupParser.Parse(block),
            Comment = block.Value("comment")?.AsString() ?? "",
            Expiration = Expiration(block),
            PaginationLimit = PaginationLimit(block),
            ListFilterPath = block.Value("list_scan_response_keys_filter_path")?.AsString() ?? "",
            SubscribeEventTypes = Strings(block, "subscribe_event_types"),
        };
        return rule.MaxWrappingTtl < rule.MinWrappingTtl
            ? throw Problem(block, block.Position, "max_wrapping_ttl cannot be less than min_wrapping_ttl")
            : rule;
    }

    private static PathTemplate? CheckPath(HclBlock block, string path)
    {
        var problem = path switch
        {
            "" => "the path is empty",
            { Length: > MaxPathLength } => $"the path is longer than {MaxPathLength} characters",
            _ when path.Any(char.IsControl) => "the path holds a control character",
            _ when path.Contains("+*", StringComparison.Ordinal) => "the path holds \"+*\": use '+' for a whole segment or '*' at the end",
            _ when path.Split('/').Contains("..") => "the path holds a '..' segment, which no request can have",
            _ when PathPattern.IsSegmented(path) && path.AsSpan().Count('/') >= MaxWildcardSegments =>
                $"a path with '+' has at most {MaxWildcardSegments} segments",
            _ => null,
        };
        var template = problem is null ? PathTemplate.Parse(path, out problem) : null;
        return problem is null ? template : throw Problem(block, block.Position, problem);
    }

    private static Capability Capabilities(HclBlock block)
    {
        var capabilities = Capability.None;
        if (block.Value("capabilities") is { } value)
        {
            foreach (var word in value.AsStrings())
            {
                capabilities |= CapabilityNames.TryParse(word, out var capability)
                    ? capability
                    : throw Problem(block, value.Position, $"invalid capability {QuoteWord(word)}");
            }
        }

        if (block.Value("policy") is { } legacy)
        {
            capabilities |= CapabilityNames.TryParseLegacy(legacy.AsString(), out var words)
                ? words
                : throw Problem(block, legacy.Position, $"invalid policy {QuoteWord(legacy.Text)}: expected deny, read, write or sudo");
        }

        return capabilities;
    }

    private static string[] Strings(HclBlock block, string key, Func<string, string>? convert = null)
    {
        var values = block.Value(key)?.AsStrings() ?? [];
        return [.. values.Select(value => convert is null ? value : convert(value)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Zero means none, as in Vault.</summary>
    private static TimeSpan? WrappingTtl(HclBlock block, string key) =>
        block.Value(key)?.AsDuration() is { Ticks: > 0 } ttl ? ttl : null;

    private static DateTimeOffset? Expiration(HclBlock block)
    {
        if (block.Value("expiration") is not { } value)
        {
            return null;
        }

        string[] rfc3339 = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        return value.AsString() is [.., 'Z' or 'z' or (>= '0' and <= '9')] text
            && text.AsSpan(Math.Min(10, text.Length)).ContainsAny("Zz+-")
            && DateTimeOffset.TryParseExact(
                text.ToUpperInvariant(), rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : throw Problem(block, value.Position, "expiration is no time such as \"2030-12-31T23:59:59Z\"");
    }

    private static int? PaginationLimit(HclBlock block)
    {
        if (block.Value("pagination_limit") is not { } value)
        {
            return null;
        }

        return value.AsInteger() is > 0 and <= int.MaxValue and var limit
            ? (int)limit
            : throw Problem(block, value.Position, "pagination_limit is not a number above 0");
    }

    private static PolicyException Problem(HclBlock block, HclPosition position, string problem) =>
        new(position, $"path {Quote(block.Labels[0])}: {problem}");
}
