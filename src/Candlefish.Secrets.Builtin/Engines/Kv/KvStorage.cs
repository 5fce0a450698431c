using System.Globalization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// Where a KV mount keeps what (docs/decisions/0002-kv-layout.md): <c>key/PATH</c> the record of a key with the data of
/// its current version when that is small, <c>version/PATH/N</c> the data of another version, <c>tag/HEX/PATH</c> the
/// index of custom metadata names, <c>config</c>.
/// </summary>
internal static class KvStorage
{
    public const string Keys = "key/";
    private const string Versions = "version/";

    /// <summary>Data of the current version up to this size lies in the record of the key: one read serves it.</summary>
    public const int InlineBytes = 8 * 1024;

    /// <summary>Longest data: what storage takes in one value, less room for the rest of a key record.</summary>
    public const int MaxDataBytes = StorageKey.MaxValueBytes - (1024 * 1024);

    private const byte VersionFormat = 1;

    public static ValueTask<byte[]?> ReadKeyAsync(BarrierView storage, string path, CancellationToken cancellation) =>
        storage.Transaction.GetAsync(string.Concat(storage.Prefix, Keys, path), cancellation);

    public static async ValueTask<KvKey?> FindAsync(BarrierView storage, string path, CancellationToken cancellation) =>
        await ReadKeyAsync(storage, path, cancellation) is { } stored ? KvKey.Parse(stored) : null;

    public static void Put(BarrierView storage, string path, KvKey key) => storage.Put(Keys + path, key.Serialize());

    /// <summary>The data of a version that is not in the record of its key.</summary>
    /// <exception cref="InvalidDataException">The record is missing, or of an unknown format.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadVersionAsync(BarrierView storage, string path, long number, CancellationToken cancellation)
    {
        byte[]? stored = await storage.GetAsync(VersionKey(path, number), cancellation);
        return stored is { Length: > 1 } && stored[0] == VersionFormat
            ? stored.AsMemory(1)
            : throw new InvalidDataException("the data record of a KV version is missing or of an unknown format");
    }

    /// <summary>The data of a version that exists and is not destroyed.</summary>
    public static ValueTask<ReadOnlyMemory<byte>> ReadDataAsync(BarrierView storage, string path, KvKey key, long number, CancellationToken cancellation) =>
        number == key.Current && !key.Data.IsEmpty
            ? ValueTask.FromResult(key.Data)
            : ReadVersionAsync(storage, path, number, cancellation);

    /// <summary>Adds a version that becomes the current one, and prunes what is more than <paramref name="keep"/> versions.</summary>
    public static KvVersion AddVersion(BarrierView storage, string path, KvKey key, ReadOnlySpan<byte> data, DateTimeOffset now, DateTimeOffset? deletion, int keep)
    {
        CheckLength(data);
        if (!key.Data.IsEmpty)
            PutVersion(storage, path, key.Current, key.Data.Span);
        var version = new KvVersion(key.Current + 1, now, deletion, 0);
        key.Versions.Add(version);
        key.Current = version.Number;
        key.Updated = now;
        Prune(storage, path, key, keep);
        bool isInline = data.Length <= InlineBytes;
        if (!isInline)
            PutVersion(storage, path, version.Number, data);
        storage.Put(Keys + path, key.Serialize(isInline ? data : []));
        return version;
    }

    /// <summary>
    /// Destroys the data of a version that exists; false when that was done before. The caller writes the key afterwards.
    /// </summary>
    public static bool Destroy(BarrierView storage, string path, KvKey key, int index)
    {
        KvVersion version = key.Versions[index];
        if (version.IsDestroyed)
            return false;
        key.Versions[index] = version.Destroyed();
        if (version.Number == key.Current && !key.Data.IsEmpty)
            key.Data = default;
        else
            storage.Delete(VersionKey(path, version.Number));
        return true;
    }

    /// <summary>Replaces the only version of an unversioned key; its data is always in the record.</summary>
    public static void PutUnversioned(BarrierView storage, string path, ReadOnlySpan<byte> data, DateTimeOffset now)
    {
        CheckLength(data);
        var key = KvKey.Create(now);
        key.Versions.Add(new KvVersion(1, now, null, 0));
        key.Current = 1;
        storage.Put(Keys + path, key.Serialize(data));
    }

    /// <summary>Deletes the key with everything that belongs to it, the index of its custom metadata excepted.</summary>
    public static void DeleteAll(BarrierView storage, string path, KvKey key)
    {
        foreach (KvVersion version in key.Versions)
            storage.Delete(VersionKey(path, version.Number));
        storage.Delete(Keys + path);
    }

    private static void CheckLength(ReadOnlySpan<byte> data)
    {
        if (data.Length > MaxDataBytes)
            throw new RequestRefused(413, string.Create(CultureInfo.InvariantCulture, $"the data is longer than {MaxDataBytes} bytes: split it over several keys"));
    }

    private static void Prune(BarrierView storage, string path, KvKey key, int keep)
    {
        int surplus = key.Versions.Count - keep;
        if (surplus <= 0)
            return;
        for (int i = 0; i < surplus; i++)
            storage.Delete(VersionKey(path, key.Versions[i].Number));
        key.Versions.RemoveRange(0, surplus);
        key.Oldest = key.Versions[0].Number;
    }

    private static void PutVersion(BarrierView storage, string path, long number, ReadOnlySpan<byte> data)
    {
        byte[] record = new byte[1 + data.Length];
        record[0] = VersionFormat;
        data.CopyTo(record.AsSpan(1));
        storage.Put(VersionKey(path, number), record);
    }

    private static string VersionKey(string path, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Versions}{path}/{number}");
}
