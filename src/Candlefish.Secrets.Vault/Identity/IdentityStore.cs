using System.Collections.Concurrent;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>Entities, aliases and groups of all namespaces, and what they add to tokens.</summary>
/// <remarks>
/// <para>What an entity gives to its tokens is computed once and remembered in a slot. A change takes slots away when it has
/// committed: those of one entity, or all when a group changed. Who computes puts the result into the slot that stood there
/// before the first read; if a change took the slot away meanwhile, the result reaches nobody else.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class IdentityStore
{
    private const int CachedEntities = 100_000;

    /// <summary>Readings of an entity that keeps changing before one is taken as it is.</summary>
    private const int MaxReadings = 8;

    private readonly UnsealedVault _vault;
    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private long _version;

    private IdentityStore(UnsealedVault vault) => _vault = vault;

    /// <summary>Opens the store and goes on with removals that an earlier run could not end.</summary>
    public static ValueTask<IdentityStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation)
    {
        var store = new IdentityStore(vault);
        IdentityRemovals.Resume(vault, store, Namespace.Root);
        return ValueTask.FromResult(store);
    }

    /// <summary>The records of a namespace in one transaction.</summary>
    public IdentityRecords In(StorageTransaction tx, Namespace ns, CancellationToken cancellation) =>
        new(this, new BarrierView(tx, ns.StoragePrefix + IdentityKeys.Root), cancellation);

    /// <summary>What identity adds to a token at this moment: policies of its entity and of all its groups.</summary>
    /// <param name="ns">Namespace of the request; the entity lives in that of the token.</param>
    public ValueTask<IdentityOfToken> OfTokenAsync(Namespace ns, TokenEntry token, CancellationToken cancellation)
    {
        if (token.EntityId.Length == 0)
            return ValueTask.FromResult(IdentityOfToken.None);
        return _slots.TryGetValue(token.EntityId, out Slot? slot) && slot.Value is { } known
            ? ValueTask.FromResult(known)
            : LoadAsync(NamespaceOf(token, ns), token.EntityId, cancellation);
    }

    /// <summary>The same as a transaction sees it that has not committed yet: for the token of a login.</summary>
    public ValueTask<IdentityOfToken> OfTokenAsync(StorageTransaction tx, Namespace ns, TokenEntry token, CancellationToken cancellation) =>
        token.EntityId.Length == 0
            ? ValueTask.FromResult(IdentityOfToken.None)
            : ComputeAsync(In(tx, NamespaceOf(token, ns), cancellation), token.EntityId);

    /// <summary>
    /// Finds the entity of a login's alias or makes one, inside the transaction of the login. Returns its id; empty when the
    /// login names no alias.
    /// </summary>
    /// <exception cref="Requests.RequestRefused">403: the entity is disabled, or the mount was removed meanwhile.</exception>
    public ValueTask<string> EntityOfLoginAsync(StorageTransaction tx, Mount mount, LoginResult login, CancellationToken cancellation) =>
        login.AliasName.Length == 0
            ? ValueTask.FromResult("")
            : LoginIdentity.FindOrMakeAsync(In(tx, mount.Namespace, cancellation), mount, login, _vault.Time.GetUtcNow());

    /// <summary>
    /// Removes the aliases of an auth mount that is being disabled: the first few hundred in its transaction, more of them
    /// right after it.
    /// </summary>
    public ValueTask RemoveMountAsync(StorageTransaction tx, Mount mount, CancellationToken cancellation) =>
        IdentityRemovals.RemoveMountAsync(_vault, this, mount.Namespace, mount.Entry.Accessor, tx, cancellation);

    /// <summary>A stored key changed on another node, or (<see langword="null"/>) anything may have.</summary>
    public void StorageChanged(string? key)
    {
        // Also tokens of merged entities depend on a record, and the key does not tell which.
        if (key is null || key.Contains(IdentityKeys.Root, StringComparison.Ordinal))
            ForgetAll();
    }

    internal void Purge(IdentityRecords records, string folder) => IdentityRemovals.Purge(_vault, records, folder);

    internal void Forget(string entityId) => _slots.TryRemove(entityId, out _);

    internal void ForgetAll() => _slots.Clear();

    private Namespace NamespaceOf(TokenEntry token, Namespace ns) => _vault.NamespaceOf(token.NamespaceId) ?? ns;

    private async ValueTask<IdentityOfToken> LoadAsync(Namespace ns, string entityId, CancellationToken cancellation)
    {
        if (_slots.Count >= CachedEntities)
            _slots.Clear();
        for (int reading = 1; ; reading++)
        {
            Slot slot = _slots.GetOrAdd(entityId, static _ => new Slot());
            using StorageTransaction tx = _vault.Barrier.Begin();
            IdentityOfToken value = await ComputeAsync(In(tx, ns, cancellation), entityId);
            slot.Value = value;
            if (reading == MaxReadings || (_slots.TryGetValue(entityId, out Slot? current) && current == slot))
                return value;
        }
    }

    private async ValueTask<IdentityOfToken> ComputeAsync(IdentityRecords records, string entityId)
    {
        if (await records.EntityOfTokenAsync(entityId) is not { Disabled: false } entity)
            return IdentityOfToken.Refused;
        (List<Group> direct, List<Group> inherited) = await new GroupTree(records).OfEntityAsync(entity);
        List<Group> groups = [.. direct, .. inherited];
        var policies = new SortedSet<string>(entity.Policies.Concat(groups.SelectMany(g => g.Policies)), StringComparer.Ordinal);
        policies.RemoveWhere(static name => !PolicyNames.MayBeAssigned(name));
        return new IdentityOfToken([.. policies], TemplatesOf(entity, groups), false, Interlocked.Increment(ref _version));
    }

    private static IdentityTemplateValues TemplatesOf(Entity entity, List<Group> groups) => new()
    {
        EntityId = entity.Id,
        EntityName = entity.Name,
        Metadata = entity.Metadata ?? IdentityOfToken.NoPairs,
        AliasesByMountAccessor = entity.Aliases.ToDictionary(
            a => a.MountAccessor,
            a => new AliasTemplateValues(a.Id, a.Name) { Metadata = a.Metadata ?? IdentityOfToken.NoPairs, CustomMetadata = a.CustomMetadata ?? IdentityOfToken.NoPairs },
            StringComparer.Ordinal),
        Groups = [.. groups.Select(g => new GroupTemplateValues(g.Id, g.Name) { Metadata = g.Metadata ?? IdentityOfToken.NoPairs })],
    };

    private sealed class Slot
    {
        private volatile IdentityOfToken? _value;

        public IdentityOfToken? Value
        {
            get => _value;
            set => _value = value;
        }
    }
}
