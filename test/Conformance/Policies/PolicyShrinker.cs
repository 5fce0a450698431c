using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>Makes a failing case small: takes away what is not needed for it to fail, until nothing more can go.</summary>
internal static class PolicyShrinker
{
    public static (OraclePolicy[] Policies, OracleRequest Request) Shrink(
        OraclePolicy[] policies, OracleRequest request, Func<OraclePolicy[], OracleRequest, bool> fails)
    {
        while (true)
        {
            OraclePolicy[]? fewer = Smaller(policies).FirstOrDefault(p => fails(p, request));
            if (fewer is not null)
            {
                policies = fewer;
                continue;
            }
            OracleRequest? simpler = Smaller(request).FirstOrDefault(r => fails(policies, r));
            if (simpler is null)
                return (policies, request);
            request = simpler;
        }
    }

    public static string Print(OraclePolicy[] policies, OracleRequest request) =>
        string.Concat(policies.Select(p => $"# {p.Name}\n{p.ToText(asJson: false)}")) + request;

    private static IEnumerable<OraclePolicy[]> Smaller(OraclePolicy[] policies)
    {
        for (int i = 0; i < policies.Length; i++)
        {
            if (policies.Length > 1)
                yield return [.. policies[..i], .. policies[(i + 1)..]];
            OraclePolicy policy = policies[i];
            for (int k = 0; k < policy.Rules.Length; k++)
            {
                if (policy.Rules.Length > 1)
                    yield return [.. policies[..i], policy with { Rules = [.. policy.Rules[..k], .. policy.Rules[(k + 1)..]] }, .. policies[(i + 1)..]];
                foreach (OracleRule rule in Smaller(policy.Rules[k]))
                    yield return [.. policies[..i], policy with { Rules = [.. policy.Rules[..k], rule, .. policy.Rules[(k + 1)..]] }, .. policies[(i + 1)..]];
            }
        }
    }

    private static IEnumerable<OracleRule> Smaller(OracleRule rule)
    {
        for (int i = 0; i < rule.Capabilities.Length; i++)
            yield return rule with { Capabilities = [.. rule.Capabilities[..i], .. rule.Capabilities[(i + 1)..]] };
        if (rule.Allowed is not null)
            yield return rule with { Allowed = null };
        if (rule.Denied is not null)
            yield return rule with { Denied = null };
        foreach (JsonObject lists in Smaller(rule.Allowed))
            yield return rule with { Allowed = lists };
        foreach (JsonObject lists in Smaller(rule.Denied))
            yield return rule with { Denied = lists };
        if (rule.Required is not null)
            yield return rule with { Required = null };
        if (rule.MinWrap > 0)
            yield return rule with { MinWrap = 0 };
        if (rule.MaxWrap > 0)
            yield return rule with { MaxWrap = 0 };
    }

    /// <summary>Without one name, or without one value. A list is never emptied: that would widen it to any value.</summary>
    private static IEnumerable<JsonObject> Smaller(JsonObject? lists)
    {
        foreach ((string name, JsonNode? values) in lists ?? [])
        {
            JsonObject without = lists!.DeepClone().AsObject();
            without.Remove(name);
            if (without.Count > 0)
                yield return without;
            for (int i = 0; i < values!.AsArray().Count && values.AsArray().Count > 1; i++)
            {
                JsonObject shorter = lists!.DeepClone().AsObject();
                shorter[name]!.AsArray().RemoveAt(i);
                yield return shorter;
            }
        }
    }

    private static IEnumerable<OracleRequest> Smaller(OracleRequest request)
    {
        if (request.Data is not null)
            yield return request with { Data = null };
        foreach (string name in request.Data?.Select(d => d.Key).ToArray() ?? [])
        {
            JsonObject fewer = request.Data!.DeepClone().AsObject();
            fewer.Remove(name);
            yield return request with { Data = fewer };
        }
        if (request.WrapSeconds is not null)
            yield return request with { WrapSeconds = null };
        if (request.NeedsSudo)
            yield return request with { NeedsSudo = false };
    }
}
