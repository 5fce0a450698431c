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

    public AclDenial Check(IReadOnlyDictionary<string, JsonElement>? parameters)
    {
        foreach (var name in _required)
        {
            if (parameters is null || !parameters.ContainsKey(name))
            {
                return AclDenial.ParameterMissing;
            }
        }

        if (parameters is null || parameters.Count == 0)
        {
            return AclDenial.None;
        }

        return IsDenied(parameters) ? AclDenial.ParameterDenied
            : IsAllowed(parameters) ? AclDenial.None
            : AclDenial.ParameterNotAllowed;
    }

    private bool IsDenied(IReadOnlyDictionary<string, JsonElement> parameters)
    {
        if (_denied.ContainsKey(Any))
        {
            return true;
        }

        foreach (var (name, value) in parameters)
        {
            if (_denied.TryGetValue(name.ToLowerInvariant(), out var values)
                && (values.Count == 0 || ParameterValues.HasDenied(value, values)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A name that is not listed is judged by <c>"*"</c>, whose list works like any other.</summary>
    private bool IsAllowed(IReadOnlyDictionary<string, JsonElement> parameters)
    {
        if (_allowed.Count == 0)
        {
            return true;
        }

        _allowed.TryGetValue(Any, out var others);
        foreach (var (name, value) in parameters)
        {
            var values = _allowed.GetValueOrDefault(name.ToLowerInvariant()) ?? others;
            if (values is null || (values.Count > 0 && !ParameterValues.AllAllowed(value, values)))
            {
                return false;
            }
        }

        return true;
    }
}
