using System.Globalization;
using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>What a key is besides its data: versions, limits, custom metadata (Vault API: <c>:mount/metadata/:path</c>).</summary>
internal static class KvMetadata
{
    public static Route Route() => Vault.Requests.Route.At("metadata/{path*}", "Reads, sets and lists metadata; deleting it deletes the key with all versions.")
        .Takes(
            Field.Whole("max_versions", "Versions to keep; 0 = as many as the mount says.", "0"),
            Field.Flag("cas_required", "Writes of data must use check-and-set.", "false"),
            Field.Flag("metadata_cas_required", "Writes of metadata must use check-and-set.", "false"),
            Field.Duration("delete_version_after", "Versions count as deleted after this time, or after the mount's if that is shorter; 0 = the mount's, negative = never.", "0s"),
            Field.Map("custom_metadata", "Up to 64 names and texts."),
            Field.Whole("metadata_cas", "The write is refused unless this is current_metadata_version."))
        .Takes(KvListing.PageFields)
        .Reads(ReadAsync).Writes(WriteAsync).Patches(PatchAsync).Deletes(DeleteAsync)
        .Lists(KvListing.ListAsync).Scans(KvListing.ScanAsync)
        .ExistsWhen(ExistsAsync);

    /// <summary>Writes the members of the answer; the versions may be left out.</summary>
    public static void Write(Utf8JsonWriter writer, KvKey key, bool withVersions)
    {
        writer.WriteBoolean("cas_required", key.CasRequired);
        writer.WriteTime("created_time", key.Created);
        writer.WriteNumber("current_metadata_version", key.MetadataVersion);
        writer.WriteNumber("current_version", key.Current);
        writer.WritePropertyName("custom_metadata");
        if (key.CustomMetadata.IsEmpty)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(key.CustomMetadata.Span, skipInputValidation: true);
        writer.WriteString("delete_version_after", WireTime.FormatDuration(key.DeleteVersionAfter));
        writer.WriteNumber("max_versions", key.MaxVersions);
        writer.WriteBoolean("metadata_cas_required", key.MetadataCasRequired);
        writer.WriteNumber("oldest_version", key.Oldest);
        writer.WriteTime("updated_time", key.Updated);
        if (!withVersions)
            return;
        writer.WriteStartObject("versions");
        foreach (KvVersion version in key.Versions)
        {
            writer.WriteStartObject(version.Number.ToString(CultureInfo.InvariantCulture));
            writer.WriteTime("created_time", version.Created);
            writer.WriteTime("deletion_time", version.Deletion);
            writer.WriteBoolean("destroyed", version.IsDestroyed);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static async ValueTask<bool> ExistsAsync(RequestContext context) =>
        await KvStorage.ReadKeyAsync(context.Storage, context.Capture("path"), context.Cancellation) is not null;

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        return await KvStorage.FindAsync(context.Storage, path, context.Cancellation) is { } key
            ? VaultResponse.Ok(JsonData.Object(w => Write(w, key, withVersions: true)))
            : VaultResponse.NotFound();
    }

    private static async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        KvKey? found = await KvStorage.FindAsync(context.Storage, path, context.Cancellation);
        return await ChangeAsync(context, path, found, (key, custom) =>
        {
            FieldReader fields = context.Fields;
            SetLimits(key, fields);
            return fields.Map("custom_metadata") ?? custom;
        });
    }

    private static async ValueTask<VaultResponse> PatchAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        if (await KvStorage.FindAsync(context.Storage, path, context.Cancellation) is not { } found)
            return KvAnswers.EmptyNotFound();
        return await ChangeAsync(context, path, found, (key, custom) =>
        {
            SetLimits(key, context.Fields);
            Reset(key, context);
            if (IsNull(context, "custom_metadata"))
                return null;
            if (context.Fields.Any("custom_metadata") is not { } patch)
                return custom;
            SortedDictionary<string, string> merged = CustomMetadata.Parse(key.CustomMetadata);
            CustomMetadata.Merge(merged, patch);
            return merged;
        });
    }

    /// <param name="change">Gets the key and its custom metadata (null = none), changes the first and answers the second.</param>
    private static async ValueTask<VaultResponse> ChangeAsync(
        RequestContext context,
        string path,
        KvKey? found,
        Func<KvKey, IReadOnlyDictionary<string, string>?, IReadOnlyDictionary<string, string>?> change)
    {
        KvConfig config = await KvConfig.OfAsync(context.Storage, context.Cancellation);
        if (CheckAndSet.OfMetadata(context, config.MetadataCasRequired || found is { MetadataCasRequired: true }, found?.MetadataVersion ?? 0) is { } refused)
            return refused;
        KvKey key = found ?? KvKey.Create(context.Now);
        SortedDictionary<string, string> before = CustomMetadata.Parse(key.CustomMetadata);
        IReadOnlyDictionary<string, string>? after = change(key, key.CustomMetadata.IsEmpty ? null : before);
        if (after is not null && CustomMetadata.Refusal(after) is { } wrong)
            return wrong;
        key.CustomMetadata = after is null ? default : CustomMetadata.Serialize(after);
        CustomMetadata.Index(context.Storage, path, before, after ?? new Dictionary<string, string>());
        key.MetadataVersion++;
        key.Updated = context.Now;
        KvStorage.Put(context.Storage, path, key);
        return Warned(context, config);
    }

    private static void SetLimits(KvKey key, FieldReader fields)
    {
        key.MaxVersions = fields.Whole("max_versions", 0, KvConfig.MaxMaxVersions) ?? key.MaxVersions;
        key.CasRequired = fields.Flag("cas_required") ?? key.CasRequired;
        key.MetadataCasRequired = fields.Flag("metadata_cas_required") ?? key.MetadataCasRequired;
        key.DeleteVersionAfter = fields.Duration("delete_version_after") ?? key.DeleteVersionAfter;
    }

    /// <summary>In a patch, null sets a member back.</summary>
    private static void Reset(KvKey key, RequestContext context)
    {
        if (IsNull(context, "max_versions"))
            key.MaxVersions = 0;
        if (IsNull(context, "cas_required"))
            key.CasRequired = false;
        if (IsNull(context, "metadata_cas_required"))
            key.MetadataCasRequired = false;
        if (IsNull(context, "delete_version_after"))
            key.DeleteVersionAfter = TimeSpan.Zero;
    }

    private static bool IsNull(RequestContext context, string name) =>
        context.Fields.Body is { } body && body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    private static VaultResponse Warned(RequestContext context, KvConfig config)
    {
        VaultResponse response = VaultResponse.NoContent();
        if (config.CasRequired && context.Fields.Flag("cas_required") == false)
            response.Warn("\"cas_required\" set to false, but is mandated by backend config. This value will be ignored.");
        if (config.MetadataCasRequired && context.Fields.Flag("metadata_cas_required") == false)
            response.Warn("\"metadata_cas_required\" set to false, but is mandated by backend config. This value will be ignored.");
        return response;
    }

    private static async ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        if (await KvStorage.FindAsync(context.Storage, path, context.Cancellation) is { } key)
        {
            CustomMetadata.Index(context.Storage, path, CustomMetadata.Parse(key.CustomMetadata), new Dictionary<string, string>());
            KvStorage.DeleteAll(context.Storage, path, key);
        }
        return VaultResponse.NoContent();
    }
}
