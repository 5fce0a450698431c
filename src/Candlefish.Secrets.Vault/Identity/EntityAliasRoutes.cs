using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary><c>identity/entity-alias</c> (Vault API: Entity Alias).</summary>
/// <remarks>
/// An alias decides who a login is. To put one on an existing entity, or to move it from one to another, the caller needs
/// the right to update each entity concerned besides the right to write aliases.
/// </remarks>
internal sealed class EntityAliasRoutes(UnsealedVault vault)
{
    private static readonly Field[] Fields =
    [
        Field.Text("name", "Name at the auth method, for example the user name."),
        Field.Text("mount_accessor", "Accessor of the auth mount."),
        Field.Text("canonical_id", "Entity of the alias; absent = a new one."),
        Field.Text("entity_id", "Older name of canonical_id.").Deprecated(),
        Field.Map("custom_metadata", "Text pairs; they replace those that were there."),
    ];

    private static readonly Field Id = Field.Text("id", "Id of the alias.");

    public IEnumerable<Route> Routes() =>
    [
        Route.At("entity-alias", "Creates an alias, or updates the one of an id or of a name at a mount.").Takes(Fields).Takes(Id).Writes(WriteAsync),
        Route.At("entity-alias/id", "Lists the ids of all aliases.").Takes(EntityRoutes.Paging).Lists(ListAsync),
        Route.At("entity-alias/id/{id}", "Reads, updates or deletes an alias.").Takes(Fields).Takes(Id)
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
        Mount mount = await MountAsync(vault, context, records);
        string name = IdentityNames.Alias(mount, given);
        return await records.AliasAsync(mount.Entry.Accessor, name) is { } found
            ? await UpdateAsync(context, records, found.Entity, found.Alias)
            : await CreateAsync(context, records, mount, name);
    }

    private async ValueTask<VaultResponse> UpdateByIdAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        return await records.AliasByIdAsync(context.Fields.RequiredText("id")) is { } found
            ? await UpdateAsync(context, records, found.Entity, found.Alias)
            : VaultResponse.BadRequest("invalid entity alias ID");
    }

    private static async ValueTask<VaultResponse> CreateAsync(RequestContext context, IdentityRecords records, Mount mount, string name)
    {
        var alias = new EntityAlias
        {
            Id = RandomText.Uuid(),
            Name = name,
            MountAccessor = mount.Entry.Accessor,
            CustomMetadata = IdentityBackend.Metadata(context.Fields, "custom_metadata", null),
            CreationTime = context.Now,
            LastUpdateTime = context.Now,
        };
        Entity? old = await TargetAsync(context, records);
        if (old is not null && !MayUpdate(context, old))
            return Denied.Permission();
        Entity entity = old ?? new Entity { Id = RandomText.Uuid(), Name = await records.FreeNameAsync("entity"), CreationTime = context.Now };
        await records.PutAsync(old, EntityAliases.With(entity, alias) with { LastUpdateTime = context.Now });
        return IdentityAnswers.Written(alias.Id, entity.Id);
    }

    private async ValueTask<VaultResponse> UpdateAsync(RequestContext context, IdentityRecords records, Entity entity, EntityAlias alias)
    {
        Entity target = await TargetAsync(context, records) ?? entity;
        if (target.Id != entity.Id && !(MayUpdate(context, entity) && MayUpdate(context, target)))
            return Denied.Permission();
        EntityAlias written = await ChangedAsync(context, records, alias);
        bool isOtherLogin = written.MountAccessor != alias.MountAccessor || written.Name != alias.Name;
        if (target.Id == entity.Id && !isOtherLogin)
        {
            await records.PutAsync(entity, entity with { Aliases = [.. entity.Aliases.Select(a => a.Id == alias.Id ? written : a)], LastUpdateTime = context.Now });
            return IdentityAnswers.Written(alias.Id, entity.Id);
        }
        Entity without = await EntityAliases.WithoutAsync(records, entity, alias) with { LastUpdateTime = context.Now };
        if (target.Id == entity.Id)
        {
            await records.PutAsync(entity, EntityAliases.With(without, written));
            return IdentityAnswers.Written(alias.Id, entity.Id);
        }
        await records.PutAsync(entity, without);
        await records.PutAsync(target, EntityAliases.With(target, written) with { LastUpdateTime = context.Now });
        return IdentityAnswers.Written(alias.Id, target.Id);
    }

    /// <summary>The alias as the request wants it. What the auth method said about another login is forgotten.</summary>
    private async ValueTask<EntityAlias> ChangedAsync(RequestContext context, IdentityRecords records, EntityAlias alias)
    {
        FieldReader fields = context.Fields;
        EntityAlias written = alias with
        {
            CustomMetadata = IdentityBackend.Metadata(fields, "custom_metadata", alias.CustomMetadata),
            LastUpdateTime = context.Now,
        };
        bool hasName = fields.Text("name") is { Length: > 0 };
        if (!hasName && fields.Text("mount_accessor") is not { Length: > 0 })
            return written;
        Mount mount = fields.Text("mount_accessor") is { Length: > 0 }
            ? await MountAsync(vault, context, records)
            : vault.Mounts(context.Namespace).ByAccessor(alias.MountAccessor) ?? throw RequestRefused.BadRequest("the mount of the alias is gone: delete the alias");
        string name = IdentityNames.Alias(mount, hasName ? fields.RequiredText("name") : alias.Name);
        return name == alias.Name && mount.Entry.Accessor == alias.MountAccessor
            ? written
            : written with { Name = name, MountAccessor = mount.Entry.Accessor, Metadata = null };
    }

    private async ValueTask<VaultResponse> ReadAsync(RequestContext context) =>
        await IdentityBackend.Records(vault, context).AliasByIdAsync(context.Capture("id")) is { } found
            ? IdentityAnswers.Alias(vault, context, found.Entity, found.Alias)
            : VaultResponse.NotFound();

    private async ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        if (await records.AliasByIdAsync(context.Capture("id")) is { } found)
            await EntityAliases.RemoveAsync(records, found.Entity, found.Alias);
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await IdentityBackend.Records(vault, context).View.ListAsync(IdentityKeys.AliasIds, context.Cancellation, after, limit));
    }

    /// <summary>The auth mount that the request names.</summary>
    internal static async ValueTask<Mount> MountAsync(UnsealedVault vault, RequestContext context, IdentityRecords records)
    {
        if (context.Fields.Text("mount_accessor") is not { Length: > 0 } accessor)
            throw RequestRefused.BadRequest("missing mount_accessor");
        return vault.Mounts(context.Namespace).ByAccessor(accessor) is { Entry.Class: MountClass.Auth } mount && !await records.IsRemovedMountAsync(accessor)
            ? mount
            : throw RequestRefused.BadRequest("invalid mount accessor: it must be that of an enabled auth method, see sys/auth");
    }

    private static async ValueTask<Entity?> TargetAsync(RequestContext context, IdentityRecords records)
    {
        string? id = context.Fields.Text("canonical_id") is { Length: > 0 } canonical ? canonical : context.Fields.Text("entity_id");
        if (string.IsNullOrEmpty(id))
            return null;
        return await records.EntityAsync(id) ?? throw RequestRefused.BadRequest("invalid canonical ID");
    }

    private static bool MayUpdate(RequestContext context, Entity entity) => IdentityBackend.MayUpdate(context, "entity", entity.Id, entity.Name);
}
