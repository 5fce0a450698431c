using System.Text.Json;
using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// The united parameter lists of one pattern: denied beats allowed, required ones must all be there, no
/// parameters at all pass the other two lists.
/// </summary>
internal sealed class ParameterRules
{
    private const string Any = "*";

    private readonly Dictionary<string, IReadOnlyList<HclValue>> _allowed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<HclValue>> _denied = new(StringComparer.Ordinal);
    private readonly string[] _required;

    private ParameterRules(IReadOnlyList<PolicyRule> rules)
    {
        foreach (var rule in rules)
        {
            foreach (var (name, values) in rule.AllowedParameters)
            {
                ParameterListParser.Unite(_allowed, name, values);
            }

            foreach (var (name, values) in rule.DeniedParameters)
            {
                ParameterListParser.Unite(_denied, name, values);
            }
        }

        _required = [.. rules.SelectMany(rule => rule.RequiredParameters).Distinct(StringComparer.Ordinal)];
    }

    /// <summary><see langword="null"/> when no rule restricts parameters.</summary>
    public static ParameterRules? Unite(IReadOnlyList<PolicyRule> rules)
    {
        var united = new ParameterRules(rules);
        return united._allowed.Count + united._denied.Count + united._required.Length == 0 ? null : united;
    }

    /// <param name="sent">A JSON object without duplicate names; <see langword="null"/> = no parameters.</param>
    public AclDenial Check(JsonElement? sent)
    {
        foreach (var name in _required)
        {
            if (sent?.TryGetProperty(name, out _) is not true)
            {
                return AclDenial.ParameterMissing;
            }
        }

        if (sent is not { } parameters || parameters.GetPropertyCount() == 0)
        {
            return AclDenial.None;
        }

        return IsDenied(parameters) ? AclDenial.ParameterDenied
            : IsAllowed(parameters) ? AclDenial.None
            : AclDenial.ParameterNotAllowed;
    }

    private bool IsDenied(JsonElement parameters)
    {
        if (_denied.ContainsKey(Any))
        {
            return true;
        }

        foreach (var parameter in parameters.EnumerateObject())
        {
            if (_denied.TryGetValue(parameter.Name.ToLowerInvariant(), out var values)
                && (values.Count == 0 || ParameterValues.HasDenied(parameter.Value, values)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A name that is not listed is judged by <c>"*"</c>, whose list works like any other.</summary>
    private bool IsAllowed(JsonElement parameters)
    {
        if (_allowed.Count == 0)
        {
            return true;
        }

        _allowed.TryGetValue(Any, out var others);
        foreach (var parameter in parameters.EnumerateObject())
        {
            var values = _allowed.GetValueOrDefault(parameter.Name.ToLowerInvariant()) ?? others;
            if (values is null || (values.Count > 0 && !ParameterValues.AllAllowed(parameter.Value, values)))
            {
                return false;
            }
        }

        return true;
    }
}
