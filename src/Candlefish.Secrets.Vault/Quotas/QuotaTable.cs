using System.Collections.Frozen;

namespace Candlefish.Secrets.Vault.Quotas;

/// <summary>The rules of one moment, arranged for finding. Immutable, thread-safe.</summary>
internal sealed class QuotaTable
{
    private readonly RateLimitRule? _global;
    private readonly FrozenDictionary<string, RateLimitRule> _exact;
    private readonly PrefixSet<RateLimitRule> _prefixes;
    private readonly PrefixSet<string> _exemptPrefixes;
    private readonly FrozenSet<string> _exempt;

    public QuotaTable(QuotaRecord record)
    {
        Record = record;
        _global = record.Rules.FirstOrDefault(r => r.Path.Length == 0);
        _exact = record.Rules.Where(r => r.Path.Length > 0 && r.Path[^1] != '*').ToFrozenDictionary(r => r.Path, StringComparer.Ordinal);
        _prefixes = new PrefixSet<RateLimitRule>(record.Rules.Where(r => r.Path.EndsWith('*')).Select(r => (r.Path[..^1], r)));
        IReadOnlyList<string> exempt = record.Config.ExemptPaths ?? QuotaConfig.StandardExemptPaths;
        _exempt = exempt.Where(p => !p.EndsWith('*')).Select(p => p.TrimEnd('/')).ToFrozenSet(StringComparer.Ordinal);
        _exemptPrefixes = new PrefixSet<string>(exempt.Where(p => p.EndsWith('*')).Select(p => (p[..^1], p)));
        LongestMemory = record.Rules.Select(r => r.Window + r.BlockInterval).DefaultIfEmpty(TimeSpan.Zero).Max();
    }

    public QuotaRecord Record { get; }

    public bool IsEmpty => Record.Rules.Count == 0;

    /// <summary>No rule needs to remember a silent client for longer.</summary>
    public TimeSpan LongestMemory { get; }

    /// <summary>
    /// The rule for a path, the most specific one: the path itself, then the longest prefix, then the mount, then the rule
    /// for everything. <see langword="null"/> when none covers it, or the path is exempt.
    /// </summary>
    /// <remarks>Costs a few look-ups, however many rules there are: one per length of prefix that is in use.</remarks>
    /// <param name="mountPrefix">Such as <c>kv/</c>; empty when no mount serves the path.</param>
    public RateLimitRule? Find(string path, string mountPrefix)
    {
        ReadOnlySpan<char> named = path.AsSpan().TrimEnd('/');
        if (_exempt.GetAlternateLookup<ReadOnlySpan<char>>().Contains(named) || _exemptPrefixes.Find(path) is not null)
            return null;
        if (_exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(named, out RateLimitRule? exact))
            return exact;
        if (_prefixes.Find(path) is { } prefix)
            return prefix;
        return mountPrefix.Length > 0 && _exact.TryGetValue(mountPrefix, out RateLimitRule? mount) ? mount : _global;
    }

    /// <summary>Finds the longest of many prefixes.</summary>
    private sealed class PrefixSet<T> where T : class
    {
        private readonly FrozenDictionary<string, T> _byPrefix;
        private readonly int[] _lengths;

        public PrefixSet(IEnumerable<(string Prefix, T Value)> entries)
        {
            _byPrefix = entries.DistinctBy(e => e.Prefix).ToFrozenDictionary(e => e.Prefix, e => e.Value, StringComparer.Ordinal);
            _lengths = [.. _byPrefix.Keys.Select(k => k.Length).Distinct().OrderDescending()];
        }

        public T? Find(string path)
        {
            if (_lengths.Length == 0)
                return null;
            var lookup = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (int length in _lengths)
            {
                if (length <= path.Length && lookup.TryGetValue(path.AsSpan(0, length), out T? value))
                    return value;
            }
            return null;
        }
    }
}
