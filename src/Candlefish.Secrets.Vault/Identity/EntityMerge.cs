using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary><c>identity/entity/merge</c> (Vault API: Merge Entities).</summary>
/// <remarks>
/// Aliases and memberships go over; tokens of the merged entities are from then on tokens of the target, with its policies
/// and metadata. Policies and metadata of the merged entities are not taken over. Where two entities have an alias at one
/// mount, <c>conflicting_alias_ids_to_keep</c> says which one stays.
/// </remarks>
internal sealed class EntityMerge(UnsealedVault vault)
{
    private const int MaxMerged = 1_000;

    public IEnumerable<Route> Routes() =>
    [
        Route.At("entity/merge", "Merges entities into another one.")
            .Takes(
                Field.TextList("from_entity_ids", "Entities that go away.").Required(),
                Field.Text("to_entity_id", "Entity that takes over their aliases.").Required(),
                Field.TextList("conflicting_alias_ids_to_keep", "Which alias stays where several are at one mount; the others are deleted."),
                Field.Flag("force", "Accepted for compatibility: it decides about MFA secrets, of which entities hold none here."))
            .Writes(MergeAsync),
    ];

    private async ValueTask<VaultResponse> MergeAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        string[] fromIds = [.. (context.Fields.TextList("from_entity_ids") ?? []).Distinct(StringComparer.Ordinal)];
        if (fromIds.Length is 0 or > MaxMerged)
            return VaultResponse.BadRequest($"'from_entity_ids' must hold 1 to {MaxMerged} ids");
        if (await records.EntityAsync(context.Fields.RequiredText("to_entity_id")) is not { } to)
            return VaultResponse.BadRequest("entity id to merge to is invalid");
        if (fromIds.Contains(to.Id, StringComparer.Ordinal))
            return VaultResponse.BadRequest("to_entity_id should not be present in from_entity_ids");
        var from = new List<Entity>();
        foreach (string id in fromIds)
        {
            if (await records.EntityAsync(id) is not { } entity)
                return VaultResponse.BadRequest("entity id to merge from is invalid");
            from.Add(entity);
        }
        IReadOnlyList<EntityAlias> aliases = Aliases(to, from, context);
        // Losers first: what they give up can then be claimed.
        foreach (Entity entity in from)
            await records.DeleteAsync(entity);
        Entity merged = to with
        {
            Aliases = aliases,
            Memberships = await MembershipsAsync(records, to, from, aliases),
            MergedEntityIds = [.. to.MergedEntityIds, .. from.SelectMany(e => e.MergedEntityIds.Append(e.Id))],
            LastUpdateTime = context.Now,
        };
        await records.PutAsync(to, merged);
        return VaultResponse.NoContent();
    }

    /// <summary>One alias per mount: the only one, or the one that the request keeps.</summary>
    private static IReadOnlyList<EntityAlias> Aliases(Entity to, List<Entity> from, RequestContext context)
    {
        var kept = new HashSet<string>(context.Fields.TextList("conflicting_alias_ids_to_keep") ?? [], StringComparer.Ordinal);
        var aliases = new List<EntityAlias>();
        IEnumerable<EntityAlias> all = to.Aliases.Concat(from.SelectMany(e => e.Aliases.Select(a =>
            a with { MergedFromCanonicalIds = [.. a.MergedFromCanonicalIds, e.Id], LastUpdateTime = context.Now })));
        foreach (IGrouping<string, EntityAlias> ofMount in all.GroupBy(a => a.MountAccessor, StringComparer.Ordinal))
        {
            EntityAlias[] candidates = [.. ofMount];
            if (candidates.Length > 1)
                candidates = [.. candidates.Where(a => kept.Contains(a.Id))];
            if (candidates.Length != 1)
                throw RequestRefused.BadRequest($"several of the entities have an alias at mount {ofMount.Key}: name exactly one of them in conflicting_alias_ids_to_keep");
            aliases.Add(candidates[0]);
        }
        return aliases;
    }

    /// <summary>Written memberships of all; of those that came by a login, the ones whose alias stays.</summary>
    private static async ValueTask<IReadOnlyList<Membership>> MembershipsAsync(IdentityRecords records, Entity to, List<Entity> from, IReadOnlyList<EntityAlias> aliases)
    {
        var memberships = new SortedDictionary<string, Membership>(StringComparer.Ordinal);
        foreach (Entity entity in from.Append(to))
        {
            foreach (Membership membership in entity.Memberships)
            {
                if (await records.GroupAsync(membership.GroupId) is not { } group || group.MembersThrough != membership.Through)
                    continue;
                string? own = group.Alias is { } through ? entity.AliasOf(through.MountAccessor)?.Id : null;
                if (!group.IsExternal || aliases.Any(a => a.Id == own))
                    memberships[group.Id] = membership;
            }
        }
        return [.. memberships.Values];
    }
}
