using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// Reads <c>allowed_parameters</c> and <c>denied_parameters</c>: names to lists of values, where a single value is a
/// list of one. Names are lower-cased; spellings of one name are united, an empty list winning over values.
/// </summary>
internal static class ParameterListParser
{
    public static IReadOnlyDictionary<string, IReadOnlyList<HclValue>> Parse(HclBlock block, string key)
    {
        if (block.Section(key) is not { } section)
        {
            return PolicyRule.NoParameters;
        }

        if (section.Blocks.Count > 0)
        {
            throw new HclException(section.Blocks[0].Position, "expected a list of values, found an object");
        }

        var parameters = new Dictionary<string, IReadOnlyList<HclValue>>(StringComparer.Ordinal);
        foreach (var attribute in section.Attributes)
        {
            var values = attribute.Value.Kind == HclKind.List ? attribute.Value.Items : [attribute.Value];
            Unite(parameters, attribute.Name.ToLowerInvariant(), values);
        }

        return parameters;
    }

    /// <summary>An empty list stands for every value and stays one.</summary>
    public static void Unite(
        Dictionary<string, IReadOnlyList<HclValue>> parameters, string name, IReadOnlyList<HclValue> values)
    {
        if (!parameters.TryGetValue(name, out var known))
        {
            parameters.Add(name, values);
        }
        else if (known.Count > 0)
        {
            parameters[name] = values.Count == 0 ? values : [.. known, .. values];
        }
    }
}
