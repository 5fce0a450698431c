using System.Globalization;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// Tokens and leases in the order in which they end, so that whoever sweeps reads only what is due and start-up reads
/// nothing.
/// </summary>
/// <remarks>
/// Keys: <c>sys/lease/by-expiry/SECONDS/t/TOKEN_HASH</c> and <c>sys/lease/by-expiry/SECONDS/l/NAMESPACE_ID/LEASE_ID</c>.
/// SECONDS since 1970, rounded up, eleven digits: what stands under a time that has passed is due without a look at its
/// record.
/// </remarks>
internal static class ExpiryIndex
{
    public const string Prefix = "sys/lease/by-expiry/";

    private const int TimeDigits = 11;

    public static void PutToken(StorageTransaction tx, string tokenHash, DateTimeOffset due) => tx.Put(TokenKey(tokenHash, due), [1]);

    public static void RemoveToken(StorageTransaction tx, string tokenHash, DateTimeOffset due) => tx.Delete(TokenKey(tokenHash, due));

    public static void PutLease(StorageTransaction tx, LeaseEntry lease) => tx.Put(LeaseKey(lease), [1]);

    public static void RemoveLease(StorageTransaction tx, LeaseEntry lease) => tx.Delete(LeaseKey(lease));

    /// <summary>What is due at <paramref name="now"/>, in order, at most <paramref name="limit"/> entries after a key.</summary>
    public static async ValueTask<IReadOnlyList<DueEntry>> DueAsync(SecurityBarrier barrier, DateTimeOffset now, string after, int limit, CancellationToken cancellation)
    {
        var due = new List<DueEntry>();
        foreach (string key in await barrier.ListKeysAsync(Prefix, after, limit, cancellation))
        {
            if (DueEntry.Parse(key) is not { } entry || entry.Seconds > now.ToUnixTimeSeconds())
                break;
            due.Add(entry);
        }
        return due;
    }

    private static string TokenKey(string tokenHash, DateTimeOffset due) => $"{Prefix}{Seconds(due)}/t/{tokenHash}";

    private static string LeaseKey(LeaseEntry lease) => $"{Prefix}{Seconds(lease.DueTime)}/l/{lease.NamespaceId}/{lease.Id}";

    private static string Seconds(DateTimeOffset due)
    {
        long seconds = due.ToUnixTimeSeconds();
        if (due.UtcTicks % TimeSpan.TicksPerSecond != 0)
            seconds++;
        return Math.Max(seconds, 0).ToString("D11", CultureInfo.InvariantCulture);
    }

    /// <summary>One entry of the index.</summary>
    /// <param name="NamespaceId">Of a lease; empty for tokens.</param>
    /// <param name="Name">Token hash or lease id.</param>
    public readonly record struct DueEntry(string Key, long Seconds, bool IsToken, string NamespaceId, string Name)
    {
        public static DueEntry? Parse(string key)
        {
            ReadOnlySpan<char> rest = key.AsSpan(Prefix.Length);
            if (rest.Length < TimeDigits + 4 || !long.TryParse(rest[..TimeDigits], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
                return null;
            string name = rest[(TimeDigits + 3)..].ToString();
            if (rest[TimeDigits + 1] == 't')
                return new DueEntry(key, seconds, IsToken: true, "", name);
            int slash = name.IndexOf('/', StringComparison.Ordinal);
            return slash < 0 ? null : new DueEntry(key, seconds, IsToken: false, name[..slash], name[(slash + 1)..]);
        }
    }
}
