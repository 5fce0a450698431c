using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>
/// What a login does to identity: the entity of its alias is found or made, the alias learns the metadata of the login, and
/// the external groups of this mount are those that the login names, no others.
/// </summary>
/// <remarks>
/// Writes only what changed: repeated logins of one user do not conflict with each other, and first logins at the same
/// moment conflict on the index of the alias, so that one of them makes the entity and the others find it.
/// </remarks>
internal static class LoginIdentity
{
    public static async ValueTask<string> FindOrMakeAsync(IdentityRecords records, Mount mount, LoginResult login, DateTimeOffset now)
    {
        string accessor = mount.Entry.Accessor;
        if (await records.IsRemovedMountAsync(accessor))
            throw new RequestRefused(403, ErrorText.Many("permission denied"));
        string name = IdentityNames.Alias(mount, login.AliasName);
        IReadOnlyDictionary<string, string>? metadata = login.AliasMetadata.Count == 0 ? null : login.AliasMetadata;
        Entity? old = null;
        Entity entity;
        if (await records.AliasAsync(accessor, name) is { } found)
        {
            old = found.Entity;
            if (old.Disabled)
                throw new RequestRefused(403, ErrorText.Many("permission denied"));
            entity = IdentityNames.SameMetadata(found.Alias.Metadata, metadata)
                ? old
                : old with { Aliases = [.. old.Aliases.Select(a => a.Id == found.Alias.Id ? a with { Metadata = metadata, LastUpdateTime = now } : a)] };
        }
        else
        {
            var alias = new EntityAlias { Id = RandomText.Uuid(), Name = name, MountAccessor = accessor, Metadata = metadata, CreationTime = now, LastUpdateTime = now };
            entity = new Entity { Id = RandomText.Uuid(), Name = await records.FreeNameAsync("entity"), Aliases = [alias], CreationTime = now, LastUpdateTime = now };
        }
        IReadOnlyList<Membership> memberships = await MembershipsAsync(records, entity, accessor, login.GroupAliases);
        if (!memberships.SequenceEqual(entity.Memberships))
            entity = entity with { Memberships = memberships };
        if (entity != old)
            await records.PutAsync(old, entity with { LastUpdateTime = now });
        return entity.Id;
    }

    /// <summary>
    /// Keeps the written memberships and those of other mounts, drops what no longer counts, and sets those of this mount.
    /// </summary>
    private static async ValueTask<IReadOnlyList<Membership>> MembershipsAsync(IdentityRecords records, Entity entity, string accessor, IReadOnlyList<string> groupAliases)
    {
        var memberships = new List<Membership>();
        foreach (Membership membership in entity.Memberships)
        {
            if (await records.GroupAsync(membership.GroupId) is { } group && group.MembersThrough == membership.Through && group.Alias?.MountAccessor != accessor)
                memberships.Add(membership);
        }
        foreach (string alias in groupAliases.Where(static a => a.Length > 0).Distinct(StringComparer.Ordinal))
        {
            if (await records.GroupByAliasAsync(accessor, alias) is { MembersThrough: { } through } group)
                memberships.Add(new Membership(group.Id, through));
        }
        return memberships.Count == 0 ? [] : [.. memberships.OrderBy(m => m.GroupId, StringComparer.Ordinal)];
    }
}
