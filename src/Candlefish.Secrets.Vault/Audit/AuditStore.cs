using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Vault.Audit.Entries;
using Candlefish.Secrets.Vault.Barrier;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>What the audit room keeps in the barrier, below <c>core/audit/</c>.</summary>
/// <remarks>
/// <c>devices</c>: the table · <c>headers</c>: audited request headers · <c>key</c>: private key of the checkpoints (PKCS #8) ·
/// <c>salt/UUID</c>: HMAC key of a device, 32 bytes · <c>head/UUID/NODE</c>: how far this node's chain has come.
/// </remarks>
internal static class AuditStore
{
    private const string Prefix = "core/audit/";
    private const string DevicesKey = Prefix + "devices";
    private const string HeadersKey = Prefix + "headers";
    private const string SigningKey = Prefix + "key";

    /// <summary>Nodes that share a storage write chains of their own.</summary>
    private static readonly string Node = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Environment.MachineName)).AsSpan(0, 8));

    public static async ValueTask<IReadOnlyList<AuditDeviceEntry>> DevicesAsync(StorageTransaction tx, CancellationToken cancellation) =>
        await tx.GetAsync(DevicesKey, cancellation) is { } stored
            ? JsonSerializer.Deserialize(stored, AuditJson.Default.AuditTableRecord)?.Devices ?? throw new BarrierException(DevicesKey)
            : [];

    public static void PutDevices(StorageTransaction tx, IReadOnlyList<AuditDeviceEntry> devices) =>
        tx.Put(DevicesKey, JsonSerializer.SerializeToUtf8Bytes(new AuditTableRecord(1, devices), AuditJson.Default.AuditTableRecord));

    public static async ValueTask<AuditedHeaders> HeadersAsync(StorageTransaction tx, CancellationToken cancellation) =>
        await tx.GetAsync(HeadersKey, cancellation) is { } stored ? AuditedHeaders.Parse(stored) : AuditedHeaders.None;

    public static void PutHeaders(StorageTransaction tx, AuditedHeaders headers) => tx.Put(HeadersKey, headers.Serialize());

    /// <summary>The signer; its key is made when there is none yet.</summary>
    public static async ValueTask<AuditSigner> SignerAsync(StorageTransaction tx, CancellationToken cancellation)
    {
        if (await tx.GetAsync(SigningKey, cancellation) is { } stored)
            return AuditSigner.FromPrivateKey(stored);
        byte[] created = AuditSigner.CreatePrivateKey();
        tx.Put(SigningKey, created);
        return AuditSigner.FromPrivateKey(created);
    }

    /// <summary>The HMAC key of a device; made when there is none yet.</summary>
    public static async ValueTask<AuditHasher> HasherAsync(StorageTransaction tx, string uuid, CancellationToken cancellation)
    {
        string key = Prefix + "salt/" + uuid;
        byte[]? salt = await tx.GetAsync(key, cancellation);
        if (salt is null)
        {
            salt = RandomNumberGenerator.GetBytes(AuditHasher.SaltBytes);
            tx.Put(key, salt);
        }
        return new AuditHasher(salt);
    }

    public static async ValueTask<StoredHead?> HeadAsync(StorageTransaction tx, string uuid, CancellationToken cancellation) =>
        await tx.GetAsync(HeadKey(uuid), cancellation) is { } stored
            ? JsonSerializer.Deserialize(stored, AuditJson.Default.StoredHead)
            : null;

    public static void PutHead(StorageTransaction tx, string uuid, StoredHead head) =>
        tx.Put(HeadKey(uuid), JsonSerializer.SerializeToUtf8Bytes(head, AuditJson.Default.StoredHead));

    /// <summary>Forgets what a disabled device left. Its salt is kept: old files stay searchable after it is enabled no more.</summary>
    public static void DeleteHead(StorageTransaction tx, string uuid) => tx.Delete(HeadKey(uuid));

    private static string HeadKey(string uuid) => $"{Prefix}head/{uuid}/{Node}";
}
