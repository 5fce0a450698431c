using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>
/// Lists keys: storage gives whole keys in order; here they are merged with a transaction's own writes and grouped into
/// folders. A folder costs one storage call however many keys it holds.
/// </summary>
internal static class KeyListing
{
    private const int PageKeys = 512;

    public static async ValueTask<IReadOnlyList<string>> ChildrenAsync(SecurityBarrier barrier, Dictionary<string, byte[]?> writes, string prefix, string after, int limit, CancellationToken cancellation)
    {
        var children = new SortedSet<string>(StorageKey.Order);
        // A folder "a/" covers keys that sort after it: begin behind the folder, not behind its name.
        string position = after.Length == 0 ? "" : after.EndsWith('/') ? EndOfFolder(prefix + after) : prefix + after;
        int wanted = limit == int.MaxValue ? limit : limit + CountOwn(writes, prefix);
        while (children.Count < wanted)
        {
            IReadOnlyList<string> page = await barrier.ListKeysAsync(prefix, position, PageKeys, cancellation);
            foreach (string key in page)
            {
                if (StorageKey.Order.Compare(key, position) <= 0 && position.Length > 0)
                    continue;
                string child = ChildOf(key, prefix.Length);
                if (!child.EndsWith('/'))
                {
                    position = key;
                    if (IsLive(writes, key))
                        children.Add(child);
                    continue;
                }
                position = EndOfFolder(prefix + child);
                if (writes.Count == 0 || await HasLiveKeyAsync(barrier, writes, prefix + child, cancellation))
                    children.Add(child);
            }
            if (page.Count < PageKeys)
                break;
        }
        foreach ((string key, byte[]? value) in writes)
        {
            if (value is not null && key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal))
                children.Add(ChildOf(key, prefix.Length));
        }
        return Cut(children, after, limit);
    }

    public static async ValueTask<IReadOnlyList<string>> AllAsync(SecurityBarrier barrier, Dictionary<string, byte[]?> writes, string prefix, string after, int limit, CancellationToken cancellation)
    {
        var keys = new SortedSet<string>(StorageKey.Order);
        string position = after.Length == 0 ? "" : prefix + after;
        int wanted = limit == int.MaxValue ? limit : limit + CountOwn(writes, prefix);
        while (keys.Count < wanted)
        {
            IReadOnlyList<string> page = await barrier.ListKeysAsync(prefix, position, PageKeys, cancellation);
            foreach (string key in page)
            {
                position = key;
                if (key.Length > prefix.Length && IsLive(writes, key))
                    keys.Add(key[prefix.Length..]);
            }
            if (page.Count < PageKeys)
                break;
        }
        foreach ((string key, byte[]? value) in writes)
        {
            if (value is not null && key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal))
                keys.Add(key[prefix.Length..]);
        }
        return Cut(keys, after, limit);
    }

    private static string[] Cut(SortedSet<string> names, string after, int limit) =>
        [.. names.Where(n => after.Length == 0 || StorageKey.Order.Compare(n, after) > 0).Take(limit)];

    private static string ChildOf(string key, int prefixLength)
    {
        int slash = key.IndexOf('/', prefixLength);
        return slash < 0 ? key[prefixLength..] : key[prefixLength..(slash + 1)];
    }

    // '0' is the character after '/': the first name that can follow everything in the folder. The last character is
    // U+002F + the highest code point, which sorts after every key of the folder and before the next sibling.
    private static string EndOfFolder(string folder) => folder + "\U0010FFFF";

    private static bool IsLive(Dictionary<string, byte[]?> writes, string key) =>
        !writes.TryGetValue(key, out byte[]? own) || own is not null;

    private static int CountOwn(Dictionary<string, byte[]?> writes, string prefix) =>
        writes.Keys.Count(k => k.StartsWith(prefix, StringComparison.Ordinal));

    // Only asked when the transaction deleted something: does the folder hold a key that survives?
    private static async ValueTask<bool> HasLiveKeyAsync(SecurityBarrier barrier, Dictionary<string, byte[]?> writes, string folder, CancellationToken cancellation)
    {
        string position = "";
        while (true)
        {
            IReadOnlyList<string> page = await barrier.ListKeysAsync(folder, position, PageKeys, cancellation);
            if (page.Any(key => IsLive(writes, key)))
                return true;
            if (page.Count < PageKeys)
                return false;
            position = page[^1];
        }
    }
}
