using System.Text.Json;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>Entities, aliases and groups as the Vault API spells them.</summary>
internal static class IdentityAnswers
{
    /// <summary>Most member ids that one answer lists.</summary>
    public const int MaxMembers = 50_000;

    public static async ValueTask<VaultResponse> EntityAsync(UnsealedVault vault, RequestContext context, Entity entity)
    {
        (List<Group> direct, List<Group> inherited) = await new GroupTree(IdentityBackend.Records(vault, context)).OfEntityAsync(entity);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStartArray("aliases");
            foreach (EntityAlias alias in entity.Aliases)
            {
                w.WriteStartObject();
                WriteAlias(w, vault.Mounts(context.Namespace), entity, alias);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteTime("creation_time", entity.CreationTime);
            w.WriteStrings("direct_group_ids", direct.Select(g => g.Id));
            w.WriteBoolean("disabled", entity.Disabled);
            w.WriteStrings("group_ids", direct.Concat(inherited).Select(g => g.Id));
            w.WriteString("id", entity.Id);
            w.WriteStrings("inherited_group_ids", inherited.Select(g => g.Id));
            w.WriteTime("last_update_time", entity.LastUpdateTime);
            WriteStringsOrNull(w, "merged_entity_ids", entity.MergedEntityIds);
            w.WriteMap("metadata", entity.Metadata);
            w.WriteString("name", entity.Name);
            w.WriteString("namespace_id", context.Namespace.Id);
            w.WriteStrings("policies", entity.Policies);
        }));
    }

    public static VaultResponse Alias(UnsealedVault vault, RequestContext context, Entity entity, EntityAlias alias) => VaultResponse.Ok(JsonData.Object(w =>
    {
        WriteAlias(w, vault.Mounts(context.Namespace), entity, alias);
        w.WriteString("namespace_id", context.Namespace.Id);
    }));

    public static async ValueTask<VaultResponse> GroupAsync(UnsealedVault vault, RequestContext context, Group group)
    {
        IReadOnlyList<string> members = await IdentityBackend.Records(vault, context).MembersAsync(group, MaxMembers + 1);
        VaultResponse response = VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStartObject("alias");
            if (group.Alias is { } alias)
                WriteGroupAlias(w, vault.Mounts(context.Namespace), group, alias);
            w.WriteEndObject();
            w.WriteTime("creation_time", group.CreationTime);
            w.WriteString("id", group.Id);
            w.WriteTime("last_update_time", group.LastUpdateTime);
            w.WriteStrings("member_entity_ids", members.Take(MaxMembers));
            w.WriteStrings("member_group_ids", group.MemberGroupIds);
            w.WriteMap("metadata", group.Metadata);
            w.WriteNumber("modify_index", group.ModifyIndex);
            w.WriteString("name", group.Name);
            w.WriteString("namespace_id", context.Namespace.Id);
            w.WriteStrings("parent_group_ids", group.ParentGroupIds);
            w.WriteStrings("policies", group.Policies);
            w.WriteString("type", group.IsExternal ? "external" : "internal");
        }));
        return members.Count > MaxMembers ? response.Warn($"the group has more than {MaxMembers} members: only the first are listed") : response;
    }

    public static VaultResponse GroupAlias(UnsealedVault vault, RequestContext context, Group group, GroupAlias alias) => VaultResponse.Ok(JsonData.Object(w =>
    {
        WriteGroupAlias(w, vault.Mounts(context.Namespace), group, alias);
        w.WriteString("namespace_id", context.Namespace.Id);
    }));

    /// <summary>The answer of a written alias.</summary>
    public static VaultResponse Written(string aliasId, string canonicalId) => VaultResponse.Ok(JsonData.Object(w =>
    {
        w.WriteString("canonical_id", canonicalId);
        w.WriteString("id", aliasId);
    }));

    private static void WriteAlias(Utf8JsonWriter w, MountTable mounts, Entity entity, EntityAlias alias)
    {
        w.WriteString("canonical_id", entity.Id);
        w.WriteTime("creation_time", alias.CreationTime);
        w.WriteMap("custom_metadata", alias.CustomMetadata);
        w.WriteString("id", alias.Id);
        w.WriteTime("last_update_time", alias.LastUpdateTime);
        w.WriteBoolean("local", false);
        WriteStringsOrNull(w, "merged_from_canonical_ids", alias.MergedFromCanonicalIds);
        w.WriteMap("metadata", alias.Metadata);
        WriteMount(w, mounts, alias.MountAccessor);
        w.WriteString("name", alias.Name);
    }

    private static void WriteGroupAlias(Utf8JsonWriter w, MountTable mounts, Group group, GroupAlias alias)
    {
        w.WriteString("canonical_id", group.Id);
        w.WriteTime("creation_time", alias.CreationTime);
        w.WriteString("id", alias.Id);
        w.WriteTime("last_update_time", alias.LastUpdateTime);
        w.WriteNull("merged_from_canonical_ids");
        w.WriteNull("metadata");
        WriteMount(w, mounts, alias.MountAccessor);
        w.WriteString("name", alias.Name);
    }

    private static void WriteMount(Utf8JsonWriter w, MountTable mounts, string accessor)
    {
        Mount? mount = mounts.ByAccessor(accessor);
        w.WriteString("mount_accessor", accessor);
        w.WriteString("mount_path", mount?.RoutePrefix ?? "");
        w.WriteString("mount_type", mount?.Entry.Type ?? "");
    }

    private static void WriteStringsOrNull(Utf8JsonWriter w, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            w.WriteNull(name);
        else
            w.WriteStrings(name, values);
    }
}
