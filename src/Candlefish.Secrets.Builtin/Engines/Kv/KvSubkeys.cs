using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>The shape of the data without its values (Vault API: GET <c>:mount/subkeys/:path</c>).</summary>
internal static class KvSubkeys
{
    public static Route Route() => Vault.Requests.Route.At("subkeys/{path*}", "Reads the names inside the data; every value is null.")
        .Takes(
            Field.Whole("version", "Version to read; 0 = the current one.", "0"),
            Field.Whole("depth", "Deepest level to show; 0 = all.", "0"))
        .Reads(ReadAsync);

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        long wanted = KvData.WantedVersion(context);
        int depth = context.Fields.Whole("depth", 0, int.MaxValue) ?? 0;
        if (await KvStorage.FindAsync(context.Storage, path, context.Cancellation) is not { } key || key.IndexOf(wanted) is not (>= 0 and int index))
            return VaultResponse.NotFound();
        KvVersion version = key.Versions[index];
        if (!version.IsReadable(context.Now))
            return KvAnswers.Gone("subkeys"u8, version, key.CustomMetadata.Span);
        ReadOnlyMemory<byte> data = await KvStorage.ReadDataAsync(context.Storage, path, key, version.Number, context.Cancellation);
        using JsonDocument document = JsonDocument.Parse(data);
        JsonData subkeys = JsonData.Object(w => WriteMembers(w, document.RootElement, depth, 1));
        return KvAnswers.Version("subkeys"u8, subkeys.Utf8.Span, version, key.CustomMetadata.Span);
    }

    private static void WriteMembers(Utf8JsonWriter writer, JsonElement element, int depth, int level)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            bool isLeaf = member.Value.ValueKind != JsonValueKind.Object || member.Value.GetPropertyCount() == 0 || level == depth;
            if (isLeaf)
            {
                writer.WriteNullValue();
                continue;
            }
            writer.WriteStartObject();
            WriteMembers(writer, member.Value, depth, level + 1);
            writer.WriteEndObject();
        }
    }
}
