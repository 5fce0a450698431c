using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary><c>identity/group</c> by id and by name (Vault API: Group).</summary>
internal sealed class GroupRoutes(UnsealedVault vault)
{
    private static readonly Field[] Fields =
    [
        Field.Text("type", "internal: members are written; external: members come from logins through the group's alias.", "internal"),
        Field.Map("metadata", "Text pairs; they replace those that were there."),
        Field.TextList("policies", "Policies that every member gets; never root."),
        Field.TextList("member_entity_ids", "Entities in an internal group; they replace those that were there."),
        Field.TextList("member_group_ids", "Groups in an internal group; they replace those that were there."),
    ];

    private static readonly Field Id = Field.Text("id", "Id of the group.");
    private static readonly Field Name = Field.Text("name", "Name of the group, unique without regard to letter case.");

    public IEnumerable<Route> Routes() =>
    [
        Route.At("group", "Creates a group, or updates the one of an id or name.").Takes(Fields).Takes(Id, Name).Writes(WriteAsync),
        Route.At("group/id", "Lists the ids of all groups.").Takes(EntityRoutes.Paging).Lists(ListIdsAsync),
        Route.At("group/id/{id}", "Reads, updates or deletes a group by its id.").Takes(Fields).Takes(Id, Name)
            .Reads(c => ReadAsync(c, ByIdAsync)).Writes(UpdateByIdAsync).Deletes(c => DeleteAsync(c, ByIdAsync)),
        Route.At("group/name", "Lists the names of all groups.").Takes(EntityRoutes.Paging).Lists(ListNamesAsync),
        Route.At("group/name/{name*}", "Reads, writes or deletes a group by its name.").Takes(Fields).Takes(Id, Name)
            .Reads(c => ReadAsync(c, ByNameAsync)).Writes(WriteByNameAsync).Deletes(c => DeleteAsync(c, ByNameAsync)),
    ];

    private async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        if (context.Fields.Text("id") is { Length: > 0 })
            return await UpdateByIdAsync(context);
        return context.Fields.Text("name") is { Length: > 0 } ? await WriteByNameAsync(context) : await PutAsync(context, null, null);
    }

    private async ValueTask<VaultResponse> UpdateByIdAsync(RequestContext context) =>
        await ByIdAsync(context) is { } group
            ? await PutAsync(context, group, context.Fields.Text("name"))
            : VaultResponse.BadRequest("invalid group ID");

    private async ValueTask<VaultResponse> WriteByNameAsync(RequestContext context)
    {
        Group? group = await ByNameAsync(context);
        return context.Fields.Text("id") is { Length: > 0 } id && id != group?.Id
            ? VaultResponse.BadRequest("the group of this name does not have the id given in 'id': leave one of them out")
            : await PutAsync(context, group, context.Fields.Text("name"));
    }

    private async ValueTask<VaultResponse> PutAsync(RequestContext context, Group? old, string? name)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        FieldReader fields = context.Fields;
        bool isExternal = IsExternal(fields, old);
        string newName = string.IsNullOrEmpty(name) ? old?.Name ?? await records.FreeNameAsync("group") : IdentityNames.Checked("group", name);
        Group group = (old ?? new Group { Id = RandomText.Uuid(), Name = newName, IsExternal = isExternal, CreationTime = context.Now }) with
        {
            Name = newName,
            Metadata = IdentityBackend.Metadata(fields, "metadata", old?.Metadata),
            Policies = IdentityBackend.Policies(fields, old?.Policies ?? []),
            LastUpdateTime = context.Now,
            ModifyIndex = (old?.ModifyIndex ?? 0) + 1,
        };
        if (Ids(fields, "member_group_ids") is { } groups)
        {
            if (isExternal && groups.Count > 0)
                return VaultResponse.BadRequest("member groups can't be set for external groups");
            await new GroupTree(records).LinkAsync(group, group.MemberGroupIds, groups);
            group = group with { MemberGroupIds = groups };
        }
        if (Ids(fields, "member_entity_ids") is { } entities)
        {
            if (isExternal && entities.Count > 0)
                return VaultResponse.BadRequest("member entities can't be set manually for external groups");
            if (!isExternal)
                await SetMembersAsync(records, group, entities);
        }
        await records.PutAsync(old, group);
        return old is not null ? VaultResponse.NoContent() : VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteString("id", group.Id);
            w.WriteString("name", group.Name);
        }));
    }

    /// <summary>The membership stands in the record of the entity: only entities that come or go are written.</summary>
    private static async ValueTask SetMembersAsync(IdentityRecords records, Group group, IReadOnlyList<string> ids)
    {
        IReadOnlyList<string> before = await records.MembersAsync(group);
        foreach (string id in before.Except(ids, StringComparer.Ordinal))
        {
            if (await records.EntityAsync(id) is { } entity)
                await records.PutAsync(entity, entity with { Memberships = [.. entity.Memberships.Where(m => m.GroupId != group.Id)] });
        }
        foreach (string id in ids.Except(before, StringComparer.Ordinal))
        {
            if (await records.EntityAsync(id) is not { } entity)
                throw RequestRefused.BadRequest("a member entity does not exist: check member_entity_ids");
            await records.PutAsync(entity, entity with { Memberships = [.. entity.Memberships.Append(new Membership(group.Id)).OrderBy(m => m.GroupId, StringComparer.Ordinal)] });
        }
    }

    private static bool IsExternal(FieldReader fields, Group? old)
    {
        bool? asked = fields.Text("type") switch
        {
            null or "" => null,
            "internal" => false,
            "external" => true,
            _ => throw RequestRefused.BadRequest("invalid group type: it must be internal or external"),
        };
        if (old is not null && asked is { } type && type != old.IsExternal)
            throw RequestRefused.BadRequest("group type cannot be changed");
        return old?.IsExternal ?? asked ?? false;
    }

    private static List<string>? Ids(FieldReader fields, string field) =>
        fields.TextList(field) is { } ids ? [.. ids.Where(static i => i.Length > 0).Distinct(StringComparer.Ordinal)] : null;

    private async ValueTask<VaultResponse> ReadAsync(RequestContext context, Func<RequestContext, ValueTask<Group?>> find) =>
        await find(context) is { } group ? await IdentityAnswers.GroupAsync(vault, context, group) : VaultResponse.NotFound();

    private async ValueTask<VaultResponse> DeleteAsync(RequestContext context, Func<RequestContext, ValueTask<Group?>> find)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        if (await find(context) is { } group)
        {
            await new GroupTree(records).UnlinkAsync(group);
            await records.DeleteAsync(group);
        }
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> ListIdsAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await IdentityBackend.Records(vault, context).View.ListAsync(IdentityKeys.Groups, context.Cancellation, after, limit));
    }

    private async ValueTask<VaultResponse> ListNamesAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await IdentityBackend.Records(vault, context).NamesAsync(IdentityKeys.GroupNames, after, limit));
    }

    private ValueTask<Group?> ByIdAsync(RequestContext context) =>
        IdentityBackend.Records(vault, context).GroupAsync(context.Fields.RequiredText("id"));

    private async ValueTask<Group?> ByNameAsync(RequestContext context)
    {
        string name = IdentityNames.Checked("group", context.Fields.RequiredText("name"));
        Group? group = await IdentityBackend.Records(vault, context).GroupByNameAsync(name);
        IdentityBackend.RequireRightAtName(context, "group", group?.Name ?? IdentityNames.Fold(name));
        return group;
    }
}
