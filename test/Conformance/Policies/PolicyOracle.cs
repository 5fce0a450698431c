using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>
/// A second, slow and obvious reading of the rules of Vault policies, written without sight of the product's engine: the
/// yardstick that the engine and the server are compared with. Ids are those of the table of cases.
/// </summary>
/// <remarks>
/// Points that the published rules leave open and that the product has settled: an explicit deny counts as if it were written
/// in the letter case of the request; a number or a boolean matches the text that spells it; denied values match in any case and
/// with spaces around, and in an object among its values or as <c>name=value</c>, allowed text exactly; a listed <c>"*"</c> among allowed parameters holds for all other names; a comma text passes whole when listed
/// exactly, else element by element; <c>+</c> matches an empty segment too.
/// </remarks>
internal static class PolicyOracle
{
    private static readonly string[] WithParameters = ["create", "read", "update", "patch"];

    public static bool Allows(IReadOnlyList<OraclePolicy> policies, OracleRequest request)
    {
        if (request.Operation == "help" || policies is [{ Name: "root" }])
            return true;
        List<OracleRule> rules = Deciding(policies, request.Operation, request.Path);
        List<string> granted = [.. rules.SelectMany(r => r.Capabilities)];
        return !granted.Contains("deny")
            && granted.Contains(request.Operation)
            && (!request.NeedsSudo || granted.Contains("sudo"))
            && WrappingFits(rules, request.WrapSeconds)
            && (!WithParameters.Contains(request.Operation) || ParametersFit(rules, request.Data ?? []));
    }

    /// <summary>The rules of the one pattern that counts; none = nothing matched .</summary>
    public static List<OracleRule> Deciding(IReadOnlyList<OraclePolicy> policies, string operation, string path)
    {
        List<OracleRule> all = [.. policies.SelectMany(p => p.Rules)];
        if (operation is not ("list" or "scan"))
            return FirstOf(Exact(all, path), Best(all, path));
        string slashed = path.EndsWith('/') ? path : path + "/";
        string bare = slashed[..^1];
        return FirstOf(Exact(all, slashed), Exact(all, bare), Best(all, slashed), Best(all, bare));
    }

    private static List<OracleRule> FirstOf(params List<OracleRule>[] steps) => steps.FirstOrDefault(s => s.Count > 0) ?? [];

    private static List<OracleRule> Exact(List<OracleRule> rules, string path) =>
        [.. rules.Where(r => !IsPattern(r.Pattern) && (IsDeny(r) ? SameInAnyCase(r.Pattern, path) : r.Pattern == path))];

    private static List<OracleRule> Best(List<OracleRule> rules, string path)
    {
        var fitting = rules.Where(r => IsPattern(r.Pattern))
            .Select(r => (Rule: r, Pattern: InLettersOf(path, r.Pattern, IsDeny(r))))
            .Where(f => f.Pattern is not null)
            .OrderByDescending(f => FirstWildcard(f.Pattern!))
            .ThenBy(f => f.Pattern!.EndsWith('*') ? 1 : 0)
            .ThenBy(f => f.Pattern!.Split('/').Count(s => s == "+"))
            .ThenByDescending(f => f.Pattern!.Length)
            .ThenByDescending(f => f.Pattern, StringComparer.Ordinal)
            .ToList();
        return [.. fitting.Where(f => f.Pattern == fitting[0].Pattern).Select(f => f.Rule)];
    }

    /// <summary>The first <c>+</c> of a segment pattern, even a literal one (as Vault counts); else the <c>*</c> at the end.</summary>
    private static int FirstWildcard(string pattern) => HasSegments(pattern) ? pattern.IndexOf('+') : pattern.Length - 1;

    /// <summary>A-3: a <c>*</c> only at the end, a <c>+</c> only after a slash or as the first segment.</summary>
    private static bool IsPattern(string p) => p.EndsWith('*') || HasSegments(p);

    private static bool HasSegments(string p) => p == "+" || p.StartsWith("+/", StringComparison.Ordinal) || p.Contains("/+", StringComparison.Ordinal);

    private static bool IsDeny(OracleRule rule) => rule.Capabilities.Contains("deny");

    /// <summary>The pattern, its letters taken from the path; null when it does not match.</summary>
    private static string? InLettersOf(string path, string pattern, bool inAnyCase)
    {
        bool isPrefix = pattern.EndsWith('*');
        string[] wanted = (isPrefix ? pattern[..^1] : pattern).Split('/');
        string[] given = path.Split('/');
        if (isPrefix ? given.Length < wanted.Length : given.Length != wanted.Length)
            return null;
        var letters = new List<string>();
        for (int i = 0; i < wanted.Length; i++)
        {
            bool isLastOfPrefix = isPrefix && i == wanted.Length - 1;
            if (isLastOfPrefix && given[i].Length < wanted[i].Length)
                return null;
            string text = isLastOfPrefix ? given[i][..wanted[i].Length] : given[i];
            if (wanted[i] == "+")
                letters.Add("+");
            else if (inAnyCase ? SameInAnyCase(wanted[i], text) : wanted[i] == text)
                letters.Add(text);
            else
                return null;
        }
        return string.Join('/', letters) + (isPrefix ? "*" : "");
    }

    private static bool SameInAnyCase(string a, string b) => a.ToUpperInvariant() == b.ToUpperInvariant();

    /// <summary>A-9: the smaller minimum, the smaller maximum; 0 = not set.</summary>
    private static bool WrappingFits(List<OracleRule> rules, int? wrap)
    {
        int min = rules.Select(r => r.MinWrap).Where(s => s > 0).DefaultIfEmpty(0).Min();
        int max = rules.Select(r => r.MaxWrap).Where(s => s > 0).DefaultIfEmpty(0).Min();
        return (min == 0 && max == 0) || (wrap is { } given && (min == 0 || given >= min) && (max == 0 || given <= max));
    }

    /// <summary>A-7, A-8: the lists of all rules of the pattern together.</summary>
    private static bool ParametersFit(List<OracleRule> rules, JsonObject data)
    {
        if (!rules.SelectMany(r => r.Required ?? []).All(name => data.ContainsKey(name.ToLowerInvariant())))
            return false;
        if (data.Count == 0)
            return true;
        Dictionary<string, List<JsonNode?>> denied = Merged(rules.Select(r => r.Denied));
        Dictionary<string, List<JsonNode?>> allowed = Merged(rules.Select(r => r.Allowed));
        if (denied.ContainsKey("*"))
            return false;
        foreach ((string name, JsonNode? value) in data)
        {
            string key = name.ToLowerInvariant();
            if (denied.TryGetValue(key, out List<JsonNode?>? refused) && (refused.Count == 0 || IsDenied(value, refused)))
                return false;
            if (allowed.Count == 0)
                continue;
            if (!allowed.TryGetValue(key, out List<JsonNode?>? listed) && !allowed.TryGetValue("*", out listed))
                return false;
            if (listed.Count > 0 && !IsAllowed(value, listed))
                return false;
        }
        return true;
    }

    /// <summary>Lists of the same name are joined; an empty list, which means "any value", stays empty.</summary>
    private static Dictionary<string, List<JsonNode?>> Merged(IEnumerable<JsonObject?> lists)
    {
        var merged = new Dictionary<string, List<JsonNode?>>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? values) in lists.SelectMany(l => l ?? []))
        {
            string key = name.ToLowerInvariant();
            JsonArray added = values!.AsArray();
            if (!merged.TryGetValue(key, out List<JsonNode?>? known))
                merged[key] = [.. added];
            else if (known.Count > 0 && added.Count > 0)
                known.AddRange(added);
            else
                known.Clear();
        }
        return merged;
    }

    private static bool IsDenied(JsonNode? value, List<JsonNode?> listed)
    {
        if (listed.Any(l => JsonNode.DeepEquals(l, value)))
            return true;
        if (value is JsonArray elements)
            return elements.Any(e => IsDenied(e, listed));
        if (value is JsonObject members)
            return members.Any(m => IsDenied(m.Value, listed) || (m.Value is JsonValue v && IsAnyOf([$"{m.Key}={TextOf(v).Trim()}"], listed)));
        if (value is not JsonValue)
            return false;
        string text = TextOf(value);
        string[] parts = [text, .. value.GetValueKind() == JsonValueKind.String ? text.Split(',') : []];
        return IsAnyOf(parts.SelectMany(p => (string[])[p, p.Trim()]), listed);
    }

    private static bool IsAnyOf(IEnumerable<string> texts, List<JsonNode?> listed) =>
        texts.Any(t => listed.Any(l => l is JsonValue && Fits(t.ToUpperInvariant(), TextOf(l).ToUpperInvariant())));

    private static bool IsAllowed(JsonNode? value, List<JsonNode?> listed)
    {
        if (listed.Any(l => JsonNode.DeepEquals(l, value)))
            return true;
        if (value is JsonArray { Count: > 0 } elements)
            return elements.All(e => IsAllowed(e, listed));
        if (value is not JsonValue)
            return false;
        string text = TextOf(value);
        return text.Contains(',', StringComparison.Ordinal)
            ? text.Split(',').All(part => IsAllowed(JsonValue.Create(part.Trim()), listed))
            : listed.Any(l => l is JsonValue && Fits(text, TextOf(l)));
    }

    /// <summary>A <c>*</c> at the beginning, the end or both stands for any text.</summary>
    private static bool Fits(string text, string glob) => (glob.StartsWith('*'), glob.EndsWith('*')) switch
    {
        (true, true) => text.Contains(glob.Trim('*'), StringComparison.Ordinal),
        (true, false) => text.EndsWith(glob[1..], StringComparison.Ordinal),
        (false, true) => text.StartsWith(glob[..^1], StringComparison.Ordinal),
        _ => text == glob,
    };

    private static string TextOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.Number => value.ToJsonString(),
        var kind => kind.ToString().ToLower(CultureInfo.InvariantCulture),
    };
}
