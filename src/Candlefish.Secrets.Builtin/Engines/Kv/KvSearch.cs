using System.Text.Json;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// Finds keys by name (GET <c>:mount/search</c>, an extension of the Vault API), and lists keys with their metadata
/// (LIST <c>:mount/detailed-metadata/:path</c>, OpenBao API). Neither looks at data.
/// </summary>
internal static class KvSearch
{
    public static Route[] Routes() =>
    [
        Route.At("search", "Finds keys by a text in their path or in the names of their custom metadata; only those that the caller may read.")
            .Takes(Field.Text("query", "The text; letter case does not count.").Required()).Takes(KvListing.PageFields)
            .Reads(SearchAsync),
        Route.At("detailed-metadata/{path*}", "Lists keys together with their metadata.")
            .Takes(KvListing.PageFields)
            .Lists(ListAsync).Scans(ScanAsync),
    ];

    private static async ValueTask<VaultResponse> SearchAsync(RequestContext context)
    {
        string text = context.Fields.RequiredText("query");
        (string after, int limit) = context.Page();
        HashSet<string> tagged = await CustomMetadata.FindAsync(context.Storage, text, context.Cancellation);
        var found = new List<string>();
        await foreach (string path in KvListing.ReadableAsync(context, "", after, path => path.Contains(text, StringComparison.OrdinalIgnoreCase) || tagged.Contains(path)))
        {
            found.Add(path);
            if (found.Count == limit)
                break;
        }
        return VaultResponse.Ok(JsonData.Keys(found));
    }

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        string folder = KvListing.Folder(context);
        return await DetailedAsync(context, folder, await context.Storage.ListAsync(KvStorage.Keys + folder, context.Cancellation, after, limit));
    }

    private static async ValueTask<VaultResponse> ScanAsync(RequestContext context) =>
        await DetailedAsync(context, KvListing.Folder(context), await KvListing.ScanNamesAsync(context));

    private static async ValueTask<VaultResponse> DetailedAsync(RequestContext context, string folder, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return VaultResponse.NotFound();
        var keys = new List<(string Name, KvKey Key)>();
        foreach (string name in names)
        {
            if (!name.EndsWith('/') && MayReadMetadata(context, folder + name) &&
                await KvStorage.FindAsync(context.Storage, folder + name, context.Cancellation) is { } key)
                keys.Add((name, key));
        }
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStartObject("key_info");
            foreach ((string name, KvKey key) in keys)
            {
                w.WriteStartObject(name);
                KvMetadata.Write(w, key, withVersions: false);
                w.WriteEndObject();
            }
            w.WriteEndObject();
            w.WriteStrings("keys", names);
        }));
    }

    /// <summary>The listing is no way around a policy that hides the metadata of a key.</summary>
    private static bool MayReadMetadata(RequestContext context, string path) => context.Acl is { } acl &&
        (acl.IsRoot || acl.CapabilitiesOf(context.Mount.RoutePrefix + "metadata/" + path, context.Now).HasFlag(Capability.Read));
}
