using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>
/// Groups within groups: a directed graph without cycles, at most <see cref="MaxDepth"/> groups deep.
/// </summary>
/// <remarks>
/// Every check reads the groups that it walks over in the transaction of the change: two changes that would close a cycle
/// together conflict at commit.
/// </remarks>
internal sealed class GroupTree(IdentityRecords records)
{
    /// <summary>Most groups on one way from a group down to a member group.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most member groups of a group, and most groups that one is a member of.</summary>
    public const int MaxNeighbours = 1_000;

    /// <summary>The groups of an entity now: those that it is a member of, and those that these are members of.</summary>
    public async ValueTask<(List<Group> Direct, List<Group> Inherited)> OfEntityAsync(Entity entity)
    {
        var direct = new List<Group>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Membership membership in entity.Memberships)
        {
            if (await records.GroupAsync(membership.GroupId) is { } group && group.MembersThrough == membership.Through && seen.Add(group.Id))
                direct.Add(group);
        }
        var inherited = new List<Group>();
        var open = new Queue<Group>(direct);
        while (open.TryDequeue(out Group? group))
        {
            foreach (string parentId in group.ParentGroupIds)
            {
                if (!seen.Add(parentId) || await records.GroupAsync(parentId) is not { } parent)
                    continue;
                inherited.Add(parent);
                open.Enqueue(parent);
            }
        }
        return (direct, inherited);
    }

    /// <summary>
    /// Brings the parents' side of new and removed member groups in step. The group itself is the caller's to write, after.
    /// </summary>
    /// <exception cref="RequestRefused">400: no such group, a cycle, too deep, too many.</exception>
    public async ValueTask LinkAsync(Group group, IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        if (after.Count > MaxNeighbours)
            throw RequestRefused.BadRequest($"a group cannot have more than {MaxNeighbours} member groups");
        foreach (string removed in before.Except(after, StringComparer.Ordinal))
        {
            if (await records.GroupAsync(removed) is { } member)
                await records.PutAsync(member, member with { ParentGroupIds = [.. member.ParentGroupIds.Where(p => p != group.Id)] });
        }
        string[] added = [.. after.Except(before, StringComparer.Ordinal)];
        if (added.Length == 0)
            return;
        var ancestors = new Dictionary<string, int>(StringComparer.Ordinal);
        int above = await LengthAsync(group.Id, static g => g.ParentGroupIds, ancestors, group);
        var descendants = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string id in added)
        {
            if (await records.GroupAsync(id) is not { } member)
                throw RequestRefused.BadRequest("a member group does not exist: check member_group_ids");
            if (ancestors.ContainsKey(id))
                throw RequestRefused.BadRequest($"cyclic relationship detected for member group ID \"{id}\"");
            if (above + await LengthAsync(id, static g => g.MemberGroupIds, descendants, member) > MaxDepth)
                throw RequestRefused.BadRequest($"groups cannot be nested more than {MaxDepth} deep");
            if (member.ParentGroupIds.Count >= MaxNeighbours)
                throw RequestRefused.BadRequest($"a group cannot be a member of more than {MaxNeighbours} groups");
            await records.PutAsync(member, member with { ParentGroupIds = [.. member.ParentGroupIds, group.Id] });
        }
    }

    /// <summary>Takes a group that is about to be deleted out of its member groups and its parents.</summary>
    public async ValueTask UnlinkAsync(Group group)
    {
        await LinkAsync(group, group.MemberGroupIds, []);
        foreach (string parentId in group.ParentGroupIds)
        {
            if (await records.GroupAsync(parentId) is { } parent)
                await records.PutAsync(parent, parent with { MemberGroupIds = [.. parent.MemberGroupIds.Where(m => m != group.Id)] });
        }
    }

    /// <summary>Groups on the longest way from this one in one direction, itself included; all that were met are known after.</summary>
    private async ValueTask<int> LengthAsync(string id, Func<Group, IReadOnlyList<string>> next, Dictionary<string, int> known, Group? group = null)
    {
        if (known.TryGetValue(id, out int length))
            return length;
        group ??= await records.GroupAsync(id);
        int longest = 0;
        foreach (string neighbour in group is null ? [] : next(group))
            longest = Math.Max(longest, await LengthAsync(neighbour, next, known));
        return known[id] = longest + 1;
    }
}
