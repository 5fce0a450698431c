using System.Collections.Frozen;

namespace Candlefish.Secrets.Vault.Mounts;

/// <summary>Finds the mount of a path: the longest mount prefix that ends at a segment. Immutable, thread-safe.</summary>
internal sealed class Router
{
    private readonly FrozenDictionary<string, Mount> _byPrefix;
    private readonly int _longestPrefix;

    public Router(IEnumerable<Mount> mounts)
    {
        _byPrefix = mounts.ToFrozenDictionary(m => m.RoutePrefix, StringComparer.Ordinal);
        _longestPrefix = _byPrefix.Keys.Select(k => k.Length).DefaultIfEmpty(0).Max();
    }

    public IEnumerable<Mount> Mounts => _byPrefix.Values;

    /// <summary>The mount that serves <paramref name="path"/>; <see langword="null"/> when none does.</summary>
    public Mount? Find(string path)
    {
        var lookup = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        Mount? best = null;
        int limit = Math.Min(path.Length, _longestPrefix);
        for (int i = 0; i < limit; i++)
        {
            if (path[i] == '/' && lookup.TryGetValue(path.AsSpan(0, i + 1), out Mount? mount))
                best = mount;
        }
        return best;
    }

    /// <summary>The mount with exactly this prefix.</summary>
    public Mount? Exactly(string routePrefix) => _byPrefix.GetValueOrDefault(routePrefix);

    /// <summary>A mount that would overlap a new one: the same prefix, above it, or below it.</summary>
    public Mount? Conflicting(string routePrefix) => _byPrefix.Values.FirstOrDefault(m =>
        m.RoutePrefix.StartsWith(routePrefix, StringComparison.Ordinal) || routePrefix.StartsWith(m.RoutePrefix, StringComparison.Ordinal));
}
