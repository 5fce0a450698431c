using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>Takes aliases off entities and puts them on, with the memberships that hang on them.</summary>
internal static class EntityAliases
{
    /// <summary>Removes an alias. Memberships in external groups that came through its mount end.</summary>
    public static async ValueTask RemoveAsync(IdentityRecords records, Entity entity, EntityAlias alias) =>
        await records.PutAsync(entity, await WithoutAsync(records, entity, alias));

    /// <summary>The entity without an alias, not written yet.</summary>
    public static async ValueTask<Entity> WithoutAsync(IdentityRecords records, Entity entity, EntityAlias alias)
    {
        var memberships = new List<Membership>();
        foreach (Membership membership in entity.Memberships)
        {
            if (membership.Through.Length == 0 || await IsThroughOtherMountAsync(records, membership, alias.MountAccessor))
                memberships.Add(membership);
        }
        return entity with { Aliases = [.. entity.Aliases.Where(a => a.Id != alias.Id)], Memberships = memberships };
    }

    /// <summary>The entity with one more alias, not written yet.</summary>
    /// <exception cref="RequestRefused">400: it has one at this mount.</exception>
    public static Entity With(Entity entity, EntityAlias alias) =>
        entity.AliasOf(alias.MountAccessor) is null
            ? entity with { Aliases = [.. entity.Aliases, alias] }
            : throw RequestRefused.BadRequest("the entity has an alias at this mount already: an entity has one alias per mount");

    private static async ValueTask<bool> IsThroughOtherMountAsync(IdentityRecords records, Membership membership, string mountAccessor) =>
        await records.GroupAsync(membership.GroupId) is { Alias: { } alias } && alias.MembersId == membership.Through && alias.MountAccessor != mountAccessor;
}
