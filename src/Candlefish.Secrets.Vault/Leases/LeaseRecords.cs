using System.Text.Json;
using System.Text.Json.Serialization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Namespaces;

namespace Candlefish.Secrets.Vault.Leases;

/// <summary>
/// Lease records and their indexes, always written together.
/// </summary>
/// <remarks>
/// Keys, where NS is the storage prefix of the namespace: <c>NS sys/lease/id/LEASE_ID</c>;
/// <c>NS sys/lease/irrevocable/LEASE_ID</c> for those given up; <c>sys/lease/by-token/TOKEN_HASH/NAMESPACE_ID/LEASE_ID</c>;
/// and <see cref="ExpiryIndex"/>, where irrevocable ones do not stand.
/// </remarks>
internal static class LeaseRecords
{
    public static string Ids(Namespace ns) => ns.StoragePrefix + "sys/lease/id/";

    public static string Irrevocable(Namespace ns) => ns.StoragePrefix + "sys/lease/irrevocable/";

    public static string OfToken(string tokenHash) => $"sys/lease/by-token/{tokenHash}/";

    public static async ValueTask<LeaseEntry?> ReadAsync(StorageTransaction tx, Namespace ns, string id, CancellationToken cancellation)
    {
        string key = Ids(ns) + id;
        if (await tx.GetAsync(key, cancellation) is not { } stored)
            return null;
        return JsonSerializer.Deserialize(stored, LeaseJson.Default.LeaseEntry) ?? throw new BarrierException(key);
    }

    public static void Add(StorageTransaction tx, Namespace ns, LeaseEntry lease)
    {
        tx.Put(Ids(ns) + lease.Id, JsonSerializer.SerializeToUtf8Bytes(lease, LeaseJson.Default.LeaseEntry));
        tx.Put(TokenKey(lease), [1]);
        ExpiryIndex.PutLease(tx, lease);
    }

    public static void Replace(StorageTransaction tx, Namespace ns, LeaseEntry old, LeaseEntry lease)
    {
        ExpiryIndex.RemoveLease(tx, old);
        tx.Put(Ids(ns) + lease.Id, JsonSerializer.SerializeToUtf8Bytes(lease, LeaseJson.Default.LeaseEntry));
        if (lease.IsIrrevocable)
            tx.Put(Irrevocable(ns) + lease.Id, [1]);
        else
            ExpiryIndex.PutLease(tx, lease);
    }

    public static void Remove(StorageTransaction tx, Namespace ns, LeaseEntry lease)
    {
        tx.Delete(Ids(ns) + lease.Id);
        tx.Delete(TokenKey(lease));
        ExpiryIndex.RemoveLease(tx, lease);
        if (lease.IsIrrevocable)
            tx.Delete(Irrevocable(ns) + lease.Id);
    }

    private static string TokenKey(LeaseEntry lease) => $"{OfToken(lease.TokenHash)}{lease.NamespaceId}/{lease.Id}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(LeaseEntry))]
internal sealed partial class LeaseJson : JsonSerializerContext;
