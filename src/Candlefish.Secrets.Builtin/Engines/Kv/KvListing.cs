using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// Names below a folder. LIST answers like Vault, whatever the caller may read; SCAN, which crosses folders, names only
/// what the caller may read.
/// </summary>
internal static class KvListing
{
    private const int PageKeys = 1_000;

    public static readonly Field[] PageFields =
    [
        Field.Text("after", "Only names after this one."),
        Field.Whole("limit", "At most this many names."),
    ];

    public static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        return VaultResponse.List(await context.Storage.ListAsync(KvStorage.Keys + Folder(context), context.Cancellation, after, limit));
    }

    public static async ValueTask<VaultResponse> ScanAsync(RequestContext context) => VaultResponse.List(await ScanNamesAsync(context));

    /// <summary>The page of names that a SCAN asks for.</summary>
    public static async ValueTask<List<string>> ScanNamesAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        var names = new List<string>();
        await foreach (string name in ReadableAsync(context, Folder(context), after, static _ => true))
        {
            names.Add(name);
            if (names.Count == limit)
                break;
        }
        return names;
    }

    /// <summary>The folder that a LIST addresses, empty or ending in a slash.</summary>
    public static string Folder(RequestContext context) => context.Capture("path") is { Length: > 0 } path ? path + "/" : "";

    /// <summary>Names below a folder, relative to it, in order, that are wanted and that the caller may read.</summary>
    public static async IAsyncEnumerable<string> ReadableAsync(RequestContext context, string folder, string after, Func<string, bool> isWanted)
    {
        while (true)
        {
            IReadOnlyList<string> page = await context.Storage.ScanAsync(KvStorage.Keys + folder, context.Cancellation, after, PageKeys);
            foreach (string name in page)
            {
                if (isWanted(name) && MayRead(context, folder + name))
                    yield return name;
            }
            if (page.Count < PageKeys)
                yield break;
            after = page[^1];
        }
    }

    /// <summary>The caller may read data or metadata of the key; decided by the function that decides the read itself.</summary>
    private static bool MayRead(RequestContext context, string path)
    {
        if (context.Acl is not { } acl)
            return false;
        if (acl.IsRoot)
            return true;
        string mount = context.Mount.RoutePrefix;
        return context.Mount.Backend is KvEngine
            ? Reads(mount + "data/" + path) || Reads(mount + "metadata/" + path)
            : Reads(mount + path);

        bool Reads(string full) => acl.CapabilitiesOf(full, context.Now).HasFlag(Capability.Read);
    }
}
