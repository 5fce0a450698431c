using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary><c>identity/entity</c> by id and by name (Vault API: Entity).</summary>
internal sealed class EntityRoutes(UnsealedVault vault)
{
    /// <summary>Most entities that one batch deletes.</summary>
    public const int MaxBatch = 2_000;

    private static readonly Field[] Fields =
    [
        Field.Map("metadata", "Text pairs; they replace those that were there."),
        Field.TextList("policies", "Policies that every token of the entity gets; never root."),
        Field.Flag("disabled", "No login and no token of the entity is accepted.", "false"),
    ];

    private static readonly Field Id = Field.Text("id", "Id of the entity.");
    private static readonly Field Name = Field.Text("name", "Name of the entity, unique without regard to letter case.");

    public IEnumerable<Route> Routes() =>
    [
        Route.At("entity", "Creates an entity, or updates the one of an id or name.").Takes(Fields).Takes(Id, Name).Writes(WriteAsync),
        Route.At("entity/id", "Lists the ids of all entities.").Takes(Paging).Lists(ListIdsAsync),
        Route.At("entity/id/{id}", "Reads, updates or deletes an entity by its id.").Takes(Fields).Takes(Id, Name)
            .Reads(c => ReadAsync(c, ByIdAsync)).Writes(UpdateByIdAsync).Deletes(c => DeleteAsync(c, ByIdAsync)),
        Route.At("entity/name", "Lists the names of all entities.").Takes(Paging).Lists(ListNamesAsync),
        Route.At("entity/name/{name*}", "Reads, writes or deletes an entity by its name.").Takes(Fields).Takes(Id, Name)
            .Reads(c => ReadAsync(c, ByNameAsync)).Writes(WriteByNameAsync).Deletes(c => DeleteAsync(c, ByNameAsync)),
        Route.At("entity/batch-delete", "Deletes several entities, all or none.")
            .Takes(Field.TextList("entity_ids", "Ids of the entities.").Required()).Writes(DeleteBatchAsync),
    ];

    internal static readonly Field[] Paging =
    [
        Field.Text("after", "Only what comes after this entry."),
        Field.Whole("limit", "Most entries to answer; absent = all."),
    ];

    private async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        if (context.Fields.Text("id") is { Length: > 0 })
            return await UpdateByIdAsync(context);
        return context.Fields.Text("name") is { Length: > 0 } ? await WriteByNameAsync(context) : await PutAsync(context, null, null);
    }

    private async ValueTask<VaultResponse> UpdateByIdAsync(RequestContext context) =>
        await ByIdAsync(context) is { } entity
            ? await PutAsync(context, entity, context.Fields.Text("name"))
            : VaultResponse.BadRequest("invalid entity ID");

    private async ValueTask<VaultResponse> WriteByNameAsync(RequestContext context)
    {
        Entity? entity = await ByNameAsync(context);
        return context.Fields.Text("id") is { Length: > 0 } id && id != entity?.Id
            ? VaultResponse.BadRequest("the entity of this name does not have the id given in 'id': leave one of them out")
            : await PutAsync(context, entity, context.Fields.Text("name"));
    }

    private async ValueTask<VaultResponse> PutAsync(RequestContext context, Entity? old, string? name)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        FieldReader fields = context.Fields;
        string newName = string.IsNullOrEmpty(name) ? old?.Name ?? await records.FreeNameAsync("entity") : IdentityNames.Checked("entity", name);
        Entity entity = (old ?? new Entity { Id = RandomText.Uuid(), Name = newName, CreationTime = context.Now }) with
        {
            Name = newName,
            Metadata = IdentityBackend.Metadata(fields, "metadata", old?.Metadata),
            Policies = IdentityBackend.Policies(fields, old?.Policies ?? []),
            Disabled = fields.Flag("disabled") ?? old?.Disabled ?? false,
            LastUpdateTime = context.Now,
        };
        await records.PutAsync(old, entity);
        return old is not null ? VaultResponse.NoContent() : VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteNull("aliases");
            w.WriteString("id", entity.Id);
            w.WriteString("name", entity.Name);
        }));
    }

    private async ValueTask<VaultResponse> ReadAsync(RequestContext context, Func<RequestContext, ValueTask<Entity?>> find) =>
        await find(context) is { } entity ? await IdentityAnswers.EntityAsync(vault, context, entity) : VaultResponse.NotFound();

    private async ValueTask<VaultResponse> DeleteAsync(RequestContext context, Func<RequestContext, ValueTask<Entity?>> find)
    {
        if (await find(context) is { } entity)
            await IdentityBackend.Records(vault, context).DeleteAsync(entity);
        return VaultResponse.NoContent();
    }

    /// <summary>An id that is not of an entity of this namespace refuses the whole batch: it may be one of another.</summary>
    private async ValueTask<VaultResponse> DeleteBatchAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        string[] ids = [.. (context.Fields.TextList("entity_ids") ?? []).Distinct(StringComparer.Ordinal)];
        if (ids.Length == 0)
            return VaultResponse.BadRequest("missing entity ids to delete");
        if (ids.Length > MaxBatch)
            return VaultResponse.BadRequest($"'entity_ids' must not hold more than {MaxBatch} ids: send several batches");
        foreach (string id in ids)
        {
            if (await records.EntityAsync(id) is not { } entity)
                return VaultResponse.BadRequest("'entity_ids' holds an id of no entity of this namespace: nothing was deleted");
            await records.DeleteAsync(entity);
        }
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> ListIdsAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await IdentityBackend.Records(vault, context).View.ListAsync(IdentityKeys.Entities, context.Cancellation, after, limit));
    }

    private async ValueTask<VaultResponse> ListNamesAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await IdentityBackend.Records(vault, context).NamesAsync(IdentityKeys.EntityNames, after, limit));
    }

    private ValueTask<Entity?> ByIdAsync(RequestContext context) =>
        IdentityBackend.Records(vault, context).EntityAsync(context.Fields.RequiredText("id"));

    private async ValueTask<Entity?> ByNameAsync(RequestContext context)
    {
        string name = IdentityNames.Checked("entity", context.Fields.RequiredText("name"));
        Entity? entity = await IdentityBackend.Records(vault, context).EntityByNameAsync(name);
        IdentityBackend.RequireRightAtName(context, "entity", entity?.Name ?? IdentityNames.Fold(name));
        return entity;
    }
}
