using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary><c>identity/lookup</c> (Vault API: Lookup): finds one entity or group by exactly one criterion; 204 when none.</summary>
internal sealed class LookupRoutes(UnsealedVault vault)
{
    private static readonly Field[] Fields =
    [
        Field.Text("id", "Id of the entity or group."),
        Field.Text("name", "Its name."),
        Field.Text("alias_id", "Id of one of its aliases."),
        Field.Text("alias_name", "Name of one of its aliases, together with alias_mount_accessor."),
        Field.Text("alias_mount_accessor", "Mount of the alias of alias_name."),
    ];

    public IEnumerable<Route> Routes() =>
    [
        Route.At("lookup/entity", "Finds an entity.").Takes(Fields).Writes(EntityAsync),
        Route.At("lookup/group", "Finds a group.").Takes(Fields).Writes(GroupAsync),
    ];

    private async ValueTask<VaultResponse> EntityAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        Entity? entity = Criterion(context) switch
        {
            ("id", var id) => await records.EntityAsync(id),
            ("name", var name) => await records.EntityByNameAsync(IdentityNames.Checked("entity", name)),
            ("alias_id", var id) => (await records.AliasByIdAsync(id))?.Entity,
            (_, var alias) => (await records.AliasAsync(Accessor(context), AliasName(context, alias)))?.Entity,
        };
        return entity is null ? VaultResponse.NoContent() : await IdentityAnswers.EntityAsync(vault, context, entity);
    }

    private async ValueTask<VaultResponse> GroupAsync(RequestContext context)
    {
        IdentityRecords records = IdentityBackend.Records(vault, context);
        Group? group = Criterion(context) switch
        {
            ("id", var id) => await records.GroupAsync(id),
            ("name", var name) => await records.GroupByNameAsync(IdentityNames.Checked("group", name)),
            ("alias_id", var id) => await records.GroupByAliasIdAsync(id),
            (_, var alias) => await records.GroupByAliasAsync(Accessor(context), alias),
        };
        return group is null ? VaultResponse.NoContent() : await IdentityAnswers.GroupAsync(vault, context, group);
    }

    private static (string Field, string Value) Criterion(RequestContext context)
    {
        FieldReader fields = context.Fields;
        var given = new List<(string, string)>();
        foreach (string field in (string[])["id", "name", "alias_id", "alias_name"])
        {
            if (fields.Text(field) is { Length: > 0 } value)
                given.Add((field, value));
        }
        bool hasAccessor = fields.Text("alias_mount_accessor") is { Length: > 0 };
        return (given, hasAccessor) switch
        {
            ([], false) => throw RequestRefused.BadRequest("query parameter not supplied"),
            ([], true) or ([("alias_name", _)], false) => throw RequestRefused.BadRequest("both 'alias_name' and 'alias_mount_accessor' needs to be set"),
            ([("alias_name", _)], true) => given[0],
            ([_], false) => given[0],
            _ => throw RequestRefused.BadRequest("query parameter conflict; please supply distinct set of query parameters"),
        };
    }

    private static string Accessor(RequestContext context) => context.Fields.RequiredText("alias_mount_accessor");

    private string AliasName(RequestContext context, string name) =>
        vault.Mounts(context.Namespace).ByAccessor(Accessor(context)) is { } mount ? IdentityNames.Alias(mount, name) : name;
}
