namespace Candlefish.Secrets.Vault.Policies.Matching;

/// <summary>
/// Finds the longest of many prefixes of a text: a binary search for the last prefix that sorts before the text, then
/// a walk over the prefixes of that one.
/// </summary>
/// <remarks>
/// The longest prefix of the text sorts at or before the found neighbour, and everything between them starts with it:
/// so it is the neighbour, or a prefix of it. Cost: O(log n) comparisons and the nesting depth of prefixes.
/// </remarks>
internal sealed class PrefixIndex
{
    private readonly string[] _prefixes;
    private readonly PatternRule[] _rules;

    /// <summary>The longest other prefix of each prefix; -1 = none.</summary>
    private readonly int[] _parents;

    /// <param name="entries">Prefixes, all different, in any order.</param>
    public PrefixIndex(IEnumerable<(string Prefix, PatternRule Rule)> entries)
    {
        var sorted = entries.OrderBy(entry => entry.Prefix, StringComparer.Ordinal).ToArray();
        _prefixes = [.. sorted.Select(entry => entry.Prefix)];
        _rules = [.. sorted.Select(entry => entry.Rule)];
        _parents = new int[_prefixes.Length];
        for (var i = 0; i < _prefixes.Length; i++)
        {
            var parent = i - 1;
            while (parent >= 0 && !_prefixes[i].StartsWith(_prefixes[parent], StringComparison.Ordinal))
            {
                parent = _parents[parent];
            }

            _parents[i] = parent;
        }
    }

    /// <summary>The rule of the longest prefix that has not expired.</summary>
    public PatternRule? Find(ReadOnlySpan<char> text, DateTimeOffset now)
    {
        var neighbour = LastNotAfter(text);
        if (neighbour < 0)
        {
            return null;
        }

        var common = text.CommonPrefixLength(_prefixes[neighbour]);
        for (; neighbour >= 0; neighbour = _parents[neighbour])
        {
            if (_prefixes[neighbour].Length <= common && _rules[neighbour].At(now) is not null)
            {
                return _rules[neighbour];
            }
        }

        return null;
    }

    private int LastNotAfter(ReadOnlySpan<char> text)
    {
        var low = 0;
        var high = _prefixes.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_prefixes[middle].AsSpan().SequenceCompareTo(text) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }
}
