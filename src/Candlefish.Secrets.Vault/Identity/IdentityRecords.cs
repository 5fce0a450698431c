using System.Text;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>
/// Entities and groups as one transaction sees them, and the indexes that follow every write. Layout:
/// <see cref="IdentityKeys"/>.
/// </summary>
/// <remarks>
/// A record is written by giving the old and the new one; what the old one had in the indexes and the new one has not is
/// taken out, what is new is claimed. Moving something (an alias) means writing the loser first.
/// </remarks>
internal sealed class IdentityRecords(IdentityStore store, BarrierView view, CancellationToken cancellation)
{
    public StorageTransaction Transaction => view.Transaction;

    public BarrierView View => view;

    public async ValueTask<Entity?> EntityAsync(string id) =>
        IdentityNames.IsId(id) && await view.GetAsync(IdentityKeys.Entity(id), cancellation) is { } stored
            ? JsonSerializer.Deserialize(stored, IdentityJson.Default.Entity)
            : null;

    public async ValueTask<Entity?> EntityByNameAsync(string name) =>
        await ReferenceAsync(IdentityKeys.EntityName(name)) is { } id ? await EntityAsync(id) : null;

    /// <summary>The entity behind an id that a token carries: itself, or what it was merged into.</summary>
    public async ValueTask<Entity?> EntityOfTokenAsync(string id)
    {
        if (await EntityAsync(id) is { } entity)
            return entity;
        return await ReferenceAsync(IdentityKeys.Merged(id)) is { } target ? await EntityAsync(target) : null;
    }

    public async ValueTask<(Entity Entity, EntityAlias Alias)?> AliasAsync(string mountAccessor, string name)
    {
        if (!IdentityNames.IsAccessor(mountAccessor) || await ReferenceAsync(IdentityKeys.Alias(mountAccessor, name)) is not { } id || await EntityAsync(id) is not { } entity)
            return null;
        return entity.AliasOf(mountAccessor) is { } alias && alias.Name == name ? (entity, alias) : null;
    }

    public async ValueTask<(Entity Entity, EntityAlias Alias)?> AliasByIdAsync(string aliasId)
    {
        if (!IdentityNames.IsId(aliasId) || await ReferenceAsync(IdentityKeys.AliasId(aliasId)) is not { } id || await EntityAsync(id) is not { } entity)
            return null;
        return entity.Aliases.FirstOrDefault(a => a.Id == aliasId) is { } alias ? (entity, alias) : null;
    }

    /// <summary>Writes an entity. <paramref name="old"/> is what this transaction read; <see langword="null"/> for a new one.</summary>
    /// <exception cref="RequestRefused">400: its name or one of its aliases is taken.</exception>
    public async ValueTask PutAsync(Entity? old, Entity entity)
    {
        await MoveIndexAsync(old is null ? [] : IndexOf(old), IndexOf(entity));
        view.Put(IdentityKeys.Entity(entity.Id), JsonSerializer.SerializeToUtf8Bytes(entity, IdentityJson.Default.Entity));
        Forget(entity);
    }

    public async ValueTask DeleteAsync(Entity entity)
    {
        await MoveIndexAsync(IndexOf(entity), []);
        view.Delete(IdentityKeys.Entity(entity.Id));
        Forget(entity);
    }

    public async ValueTask<Group?> GroupAsync(string id) =>
        IdentityNames.IsId(id) && await view.GetAsync(IdentityKeys.Group(id), cancellation) is { } stored
            ? JsonSerializer.Deserialize(stored, IdentityJson.Default.Group)
            : null;

    public async ValueTask<Group?> GroupByNameAsync(string name) =>
        await ReferenceAsync(IdentityKeys.GroupName(name)) is { } id ? await GroupAsync(id) : null;

    public async ValueTask<Group?> GroupByAliasAsync(string mountAccessor, string name) =>
        IdentityNames.IsAccessor(mountAccessor) && await ReferenceAsync(IdentityKeys.GroupAlias(mountAccessor, name)) is { } id ? await GroupAsync(id) : null;

    public async ValueTask<Group?> GroupByAliasIdAsync(string aliasId) =>
        IdentityNames.IsId(aliasId) && await ReferenceAsync(IdentityKeys.GroupAliasId(aliasId)) is { } id ? await GroupAsync(id) : null;

    /// <summary>Writes a group; its member and parent groups are the caller's to keep in step (<see cref="GroupTree"/>).</summary>
    /// <exception cref="RequestRefused">400: its name or its alias is taken.</exception>
    public async ValueTask PutAsync(Group? old, Group group)
    {
        await MoveIndexAsync(old is null ? [] : IndexOf(old), IndexOf(group));
        view.Put(IdentityKeys.Group(group.Id), JsonSerializer.SerializeToUtf8Bytes(group, IdentityJson.Default.Group));
        if (old?.Alias is { } alias && alias.MembersId != group.Alias?.MembersId)
            store.Purge(this, IdentityKeys.Members(group.Id, alias.MembersId));
        Transaction.AfterCommit(store.ForgetAll);
    }

    /// <summary>
    /// Deletes a group. Its members' records may name it until they are written again: a membership without its group counts
    /// for nothing.
    /// </summary>
    public async ValueTask DeleteAsync(Group group)
    {
        await MoveIndexAsync(IndexOf(group), []);
        view.Delete(IdentityKeys.Group(group.Id));
        store.Purge(this, IdentityKeys.GroupMembers + group.Id + "/");
        Transaction.AfterCommit(store.ForgetAll);
    }

    /// <summary>Ids of the direct members that count now, in order.</summary>
    public async ValueTask<IReadOnlyList<string>> MembersAsync(Group group, int limit = int.MaxValue) =>
        group.MembersThrough is { } through
            ? await view.ListAsync(IdentityKeys.Members(group.Id, through), cancellation, limit: limit)
            : [];

    /// <summary>The auth mount of this accessor was removed, or is being removed by a transaction that conflicts with this one.</summary>
    public async ValueTask<bool> IsRemovedMountAsync(string mountAccessor) =>
        await view.GetAsync(IdentityKeys.RemovedMount(mountAccessor), cancellation) is not null;

    /// <summary>Names in the spelling of their owners, in the order of their folded form.</summary>
    /// <param name="folder"><see cref="IdentityKeys.EntityNames"/> or <see cref="IdentityKeys.GroupNames"/>.</param>
    public async ValueTask<IReadOnlyList<string>> NamesAsync(string folder, string after, int limit)
    {
        string position = after.Length == 0 ? "" : Uri.EscapeDataString(IdentityNames.Fold(after));
        var names = new List<string>();
        foreach (string key in await view.ListAsync(folder, cancellation, position, limit))
        {
            if (await view.GetAsync(folder + key, cancellation) is { } stored)
                names.Add(Encoding.UTF8.GetString(stored.AsSpan(IdLength + 1)));
        }
        return names;
    }

    /// <summary>A name that no entity and no group has, such as <c>entity_7a1b2c3d</c>.</summary>
    public async ValueTask<string> FreeNameAsync(string what)
    {
        while (true)
        {
            string name = what + "_" + RandomText.Hex(4);
            string key = what == "entity" ? IdentityKeys.EntityName(name) : IdentityKeys.GroupName(name);
            if (await view.GetAsync(key, cancellation) is null)
                return name;
        }
    }

    private const int IdLength = 36;

    private void Forget(Entity entity)
    {
        Transaction.AfterCommit(() =>
        {
            store.Forget(entity.Id);
            foreach (string merged in entity.MergedEntityIds)
                store.Forget(merged);
        });
    }

    /// <summary>The id that an index entry begins with.</summary>
    private async ValueTask<string?> ReferenceAsync(string key) =>
        await view.GetAsync(key, cancellation) is { Length: >= IdLength } stored ? Encoding.UTF8.GetString(stored.AsSpan(0, IdLength)) : null;

    private async ValueTask MoveIndexAsync(Dictionary<string, (string Value, string Conflict)> old, Dictionary<string, (string Value, string Conflict)> current)
    {
        foreach (string key in old.Keys)
        {
            if (!current.ContainsKey(key))
                view.Delete(key);
        }
        foreach ((string key, (string value, string conflict)) in current)
        {
            if (old.TryGetValue(key, out (string Value, string) before) && before.Value == value)
                continue;
            if (!old.ContainsKey(key) && await view.GetAsync(key, cancellation) is not null)
                throw RequestRefused.BadRequest(conflict);
            view.Put(key, Encoding.UTF8.GetBytes(value));
        }
    }

    private static Dictionary<string, (string Value, string Conflict)> IndexOf(Entity entity)
    {
        var index = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
        {
            [IdentityKeys.EntityName(entity.Name)] = ($"{entity.Id} {entity.Name}", "entity name is already in use"),
        };
        foreach (EntityAlias alias in entity.Aliases)
        {
            index[IdentityKeys.Alias(alias.MountAccessor, alias.Name)] = ($"{entity.Id} {alias.Id}", "an alias of this name exists at this mount already: update it by its id");
            index[IdentityKeys.AliasId(alias.Id)] = (entity.Id, "the alias belongs to another entity");
        }
        foreach (Membership membership in entity.Memberships)
            index[IdentityKeys.Members(membership.GroupId, membership.Through) + entity.Id] = ("1", "the entity is a member of the group already");
        foreach (string merged in entity.MergedEntityIds)
            index[IdentityKeys.Merged(merged)] = (entity.Id, "the entity was merged into another one already");
        return index;
    }

    private static Dictionary<string, (string Value, string Conflict)> IndexOf(Group group)
    {
        var index = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
        {
            [IdentityKeys.GroupName(group.Name)] = ($"{group.Id} {group.Name}", "group name is already in use"),
        };
        if (group.Alias is { } alias)
        {
            index[IdentityKeys.GroupAlias(alias.MountAccessor, alias.Name)] = (group.Id, "a group alias of this name exists at this mount already: update it by its id");
            index[IdentityKeys.GroupAliasId(alias.Id)] = (group.Id, "the alias belongs to another group");
        }
        return index;
    }
}
