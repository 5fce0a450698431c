using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Mounts;

/// <summary>
/// The mounts of one namespace: stored tables, the backends in memory, and the router that finds them.
/// </summary>
/// <remarks>
/// Changes are written in the transaction of the request and become visible when it commits; two changes at once conflict
/// on the table record, so none is lost. Thread-safe.
/// </remarks>
internal sealed class MountTable
{
    private readonly Namespace _namespace;
    private readonly BackendCatalog _catalog;
    private readonly BackendServices _services;
    private volatile Router _router;

    private MountTable(Namespace ns, BackendCatalog catalog, BackendServices services, Router router)
    {
        _namespace = ns;
        _catalog = catalog;
        _services = services;
        _router = router;
    }

    public Router Router => _router;

    public IEnumerable<Mount> Of(MountClass @class) =>
        _router.Mounts.Where(m => m.Entry.Class == @class).OrderBy(m => m.Entry.Path, StringComparer.Ordinal);

    public Mount? ByAccessor(string accessor) => _router.Mounts.FirstOrDefault(m => m.Entry.Accessor == accessor);

    /// <summary>Loads the stored tables and builds their backends.</summary>
    public static async ValueTask<MountTable> LoadAsync(SecurityBarrier barrier, Namespace ns, BackendCatalog catalog, BackendServices services, CancellationToken cancellation)
    {
        using StorageTransaction tx = barrier.Begin();
        var mounts = new List<Mount>();
        foreach (MountClass @class in Enum.GetValues<MountClass>())
        {
            foreach (MountEntry entry in await ReadAsync(tx, ns, @class, cancellation))
                mounts.Add(Build(ns, entry, catalog, services));
        }
        return new MountTable(ns, catalog, services, new Router(mounts));
    }

    /// <summary>Writes the tables of a new namespace.</summary>
    public static void WriteInitial(StorageTransaction tx, Namespace ns, IReadOnlyList<MountEntry> entries)
    {
        foreach (MountClass @class in Enum.GetValues<MountClass>())
            Write(tx, ns, @class, [.. entries.Where(e => e.Class == @class)]);
    }

    /// <summary>Adds a mount. Refuses an unknown type and a path in use.</summary>
    public async ValueTask<Mount> EnableAsync(StorageTransaction tx, MountEntry entry, CancellationToken cancellation)
    {
        Mount mount = Build(_namespace, entry, _catalog, _services);
        List<MountEntry> entries = [.. await ReadAsync(tx, _namespace, entry.Class, cancellation)];
        if (_router.Conflicting(mount.RoutePrefix) is { } conflict)
            throw RequestRefused.BadRequest($"path is already in use at {conflict.Entry.Path}");
        entries.Add(entry);
        Write(tx, _namespace, entry.Class, entries);
        await mount.Backend.CreateAsync(mount, new BarrierView(tx, mount.StoragePrefix), cancellation);
        tx.AfterCommit(() => Swap(mounts => mounts.Add(mount)));
        return mount;
    }

    /// <summary>Removes a mount from the table and the router. What it stored is deleted by the caller afterwards.</summary>
    public async ValueTask DisableAsync(StorageTransaction tx, Mount mount, CancellationToken cancellation)
    {
        List<MountEntry> entries = [.. await ReadAsync(tx, _namespace, mount.Entry.Class, cancellation)];
        entries.RemoveAll(e => e.Uuid == mount.Entry.Uuid);
        Write(tx, _namespace, mount.Entry.Class, entries);
        tx.AfterCommit(() => Swap(mounts => mounts.RemoveAll(m => m.Entry.Uuid == mount.Entry.Uuid)));
    }

    /// <summary>Replaces the entry of a mount (tune, remount). The backend is kept unless its options changed.</summary>
    public async ValueTask ReplaceAsync(StorageTransaction tx, Mount mount, MountEntry entry, CancellationToken cancellation)
    {
        List<MountEntry> entries = [.. await ReadAsync(tx, _namespace, mount.Entry.Class, cancellation)];
        int index = entries.FindIndex(e => e.Uuid == entry.Uuid);
        if (index < 0)
            throw RequestRefused.BadRequest($"no mount at {mount.RoutePrefix}: it was disabled meanwhile");
        entries[index] = entry;
        Write(tx, _namespace, entry.Class, entries);
        bool sameOptions = entry.Options.Count == mount.Entry.Options.Count && !entry.Options.Except(mount.Entry.Options).Any();
        Mount replacement = sameOptions ? new Mount(_namespace, entry, mount.Backend) : Build(_namespace, entry, _catalog, _services);
        tx.AfterCommit(() => Swap(mounts =>
        {
            mounts.RemoveAll(m => m.Entry.Uuid == entry.Uuid);
            mounts.Add(replacement);
        }));
    }

    private readonly Lock _swapGate = new();

    private void Swap(Action<List<Mount>> change)
    {
        lock (_swapGate)
        {
            List<Mount> mounts = [.. _router.Mounts];
            change(mounts);
            _router = new Router(mounts);
        }
    }

    private static Mount Build(Namespace ns, MountEntry entry, BackendCatalog catalog, BackendServices services)
    {
        BackendFactory factory = catalog.Find(entry.Class, entry.Type) ??
            throw RequestRefused.BadRequest("plugin not found in the catalog: this server has no such type; sys/plugins/catalog lists those it has");
        return new Mount(ns, entry, factory(entry, services));
    }

    private static string KeyOf(Namespace ns, MountClass @class) =>
        ns.StoragePrefix + (@class == MountClass.Auth ? "core/mounts/auth" : "core/mounts/secret");

    private static async ValueTask<IReadOnlyList<MountEntry>> ReadAsync(StorageTransaction tx, Namespace ns, MountClass @class, CancellationToken cancellation)
    {
        byte[]? stored = await tx.GetAsync(KeyOf(ns, @class), cancellation);
        if (stored is null)
            return [];
        MountTableRecord record = JsonSerializer.Deserialize(stored, MountJson.Default.MountTableRecord)
            ?? throw new BarrierException(KeyOf(ns, @class));
        return record.Mounts;
    }

    private static void Write(StorageTransaction tx, Namespace ns, MountClass @class, IReadOnlyList<MountEntry> entries) =>
        tx.Put(KeyOf(ns, @class), JsonSerializer.SerializeToUtf8Bytes(new MountTableRecord(1, entries), MountJson.Default.MountTableRecord));
}
