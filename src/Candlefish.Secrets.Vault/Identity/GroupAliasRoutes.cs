using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary><c>identity/group-alias</c> (Vault API: Group Alias): which group of a directory an external group is.</summary>
/// <remarks>To put an alias on an existing group, or to move it, the caller needs the right to update each group concerned.</remarks>
internal sealed class GroupAliasRoutes(UnsealedVault vault)
{
    private static readonly Field[] Fields =
    [
        Field.Text("name", "Name of the group as the auth method reports it."),
        Field.Text("mount_accessor", "Accessor of the auth mount."),
        Field.Text("canonical_id", "External group of the alias; absent = a new one."),
    ];

    private static readonly Field Id = Field.Text("id", "Id of the alias.");

    public IEnumerable<Route> Routes() =>
    [
        Route.At("group-alias", "Creates a group alias, or updates the one of an id or of a name at a mount.").Takes(Fields).Takes(Id).Writes(WriteAsync),
        Route.At("group-alias/id", "Lists the ids of all group aliases.").Takes(EntityRoutes.Paging).Lists(ListAsync),
        Route.At("group-alias/id/{id}", "Reads, updates or deletes a group alias.").Takes(Fields).Takes(Id)
            .Reads(ReadAsync).Writes(UpdateByIdAsync).Deletes(DeleteAsync),
    ];

    private async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        FieldReader fields = context.Fields;
        if (fields.Text("id") is { Length: > 0 })
            return await UpdateByIdAsync(context);
        if (fields.Text("name") is not { Length: > 0 } given)
            return VaultResponse.BadRequest("missing alias name");
        IdentityRecords records = IdentityBackend.Records(vault, context);
        Mount mount = await EntityAliasRoutes.MountAsync(vault, context, records);
        string name = Name(given);
        if (await records.GroupByAliasAsync(mount.Entry.Accessor, name) is { Alias: { } alias } owner)
            return await UpdateAsync(context, records, owner, alias);
        var written = new GroupAlias
        {
            Id = RandomText.Uuid(),
            Name = name,
            MountAccessor = mount.Entry.Accessor,
            MembersId = RandomText.Uuid(),
            CreationTime = context.Now,
            LastUpdateTime = context.Now,
        };
        Group? group = await TargetAsync(context, records);
        if (group is not null && !MayUpdate(context, group))
            return Denied.Permission();
        return await SetAsync(context, records, group, written);
    }

    private async ValueTask<VaultResponse> UpdateByIdAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        return await records.GroupByAliasIdAsync(context.Fields.RequiredText("id")) is { Alias: { } alias } group
            ? await UpdateAsync(context, records, group, alias)
            : VaultResponse.BadRequest("invalid group alias ID");
    }

    private async ValueTask<VaultResponse> UpdateAsync(RequestContext context, IdentityRecords records, Group group, GroupAlias alias)
    {
        FieldReader fields = context.Fields;
        Group target = await TargetAsync(context, records) ?? group;
        if (target.Id != group.Id && !(MayUpdate(context, group) && MayUpdate(context, target)))
            return Denied.Permission();
        string name = fields.Text("name") is { Length: > 0 } given ? Name(given) : alias.Name;
        string accessor = fields.Text("mount_accessor") is { Length: > 0 }
            ? (await EntityAliasRoutes.MountAsync(vault, context, records)).Entry.Accessor
            : alias.MountAccessor;
        if (target.Id == group.Id && name == alias.Name && accessor == alias.MountAccessor)
            return IdentityAnswers.Written(alias.Id, group.Id);
        GroupAlias written = alias with { Name = name, MountAccessor = accessor, MembersId = RandomText.Uuid(), LastUpdateTime = context.Now };
        if (target.Id == group.Id)
        {
            await records.PutAsync(group, Touched(context, group) with { Alias = written });
            return IdentityAnswers.Written(alias.Id, group.Id);
        }
        await records.PutAsync(group, Touched(context, group) with { Alias = null });
        return await SetAsync(context, records, target, written);
    }

    /// <summary>Puts an alias on a group that has none, or on a new one.</summary>
    private static async ValueTask<VaultResponse> SetAsync(RequestContext context, IdentityRecords records, Group? old, GroupAlias alias)
    {
        if (old?.Alias is not null)
            return VaultResponse.BadRequest("the group has an alias already: update or delete that one");
        Group group = old ?? new Group { Id = RandomText.Uuid(), Name = await records.FreeNameAsync("group"), IsExternal = true, CreationTime = context.Now };
        await records.PutAsync(old, Touched(context, group) with { Alias = alias });
        return IdentityAnswers.Written(alias.Id, group.Id);
    }

    private async ValueTask<VaultResponse> ReadAsync(RequestContext context) =>
        await IdentityBackend.Records(vault, context).GroupByAliasIdAsync(context.Capture("id")) is { Alias: { } alias } group
            ? IdentityAnswers.GroupAlias(vault, context, group, alias)
            : VaultResponse.NotFound();

    private async ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        if (await records.GroupByAliasIdAsync(context.Capture("id")) is { } group)
            await records.PutAsync(group, Touched(context, group) with { Alias = null });
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await IdentityBackend.Records(vault, context).View.ListAsync(IdentityKeys.GroupAliasIds, context.Cancellation, after, limit));
    }

    private static async ValueTask<Group?> TargetAsync(RequestContext context, IdentityRecords records)
    {
        if (context.Fields.Text("canonical_id") is not { Length: > 0 } id)
            return null;
        if (await records.GroupAsync(id) is not { } group)
            throw RequestRefused.BadRequest("invalid group ID given in 'canonical_id'");
        return group.IsExternal ? group : throw RequestRefused.BadRequest("alias can't be set on an internal group");
    }

    private static Group Touched(RequestContext context, Group group) => group with { LastUpdateTime = context.Now, ModifyIndex = group.ModifyIndex + 1 };

    // Groups of a directory have no other spelling: what the login reports is compared as it is.
    private static string Name(string given) => given.Length <= IdentityNames.MaxAliasLength && !given.Any(char.IsControl)
        ? given
        : throw RequestRefused.BadRequest($"alias name must have at most {IdentityNames.MaxAliasLength} characters, none of them a control character");

    private static bool MayUpdate(RequestContext context, Group group) => IdentityBackend.MayUpdate(context, "group", group.Id, group.Name);
}
