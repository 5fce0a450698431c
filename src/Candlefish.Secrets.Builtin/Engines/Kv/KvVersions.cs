using System.Globalization;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// Deletes, brings back and destroys versions (Vault API: DELETE <c>data</c>, POST <c>delete</c>, <c>undelete</c>,
/// <c>destroy</c>). All answer 204, also when key or version do not exist.
/// </summary>
internal static class KvVersions
{
    public static Route[] Routes() =>
    [
        At("delete/{path*}", "Deletes versions; undelete brings them back.").Writes(DeleteAsync),
        At("undelete/{path*}", "Brings deleted versions back.").Writes(UndeleteAsync),
        At("destroy/{path*}", "Destroys the data of versions for good.").Writes(DestroyAsync),
    ];

    /// <summary>Deletes the current version.</summary>
    public static ValueTask<VaultResponse> DeleteCurrentAsync(RequestContext context) => ChangeAsync(context, [0], Delete);

    private static Route At(string pattern, string summary) =>
        Route.At(pattern, summary).Takes(Field.TextList("versions", "Numbers of versions.").Required());

    private static ValueTask<VaultResponse> DeleteAsync(RequestContext context) => ChangeAsync(context, Sent(context), Delete);

    private static ValueTask<VaultResponse> UndeleteAsync(RequestContext context) => ChangeAsync(context, Sent(context), Undelete);

    private static ValueTask<VaultResponse> DestroyAsync(RequestContext context) =>
        ChangeAsync(context, Sent(context), static (context, key, index) => KvStorage.Destroy(context.Storage, context.Capture("path"), key, index));

    private static async ValueTask<VaultResponse> ChangeAsync(RequestContext context, IReadOnlyList<long> numbers, Func<RequestContext, KvKey, int, bool> change)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        if (await KvStorage.FindAsync(context.Storage, path, context.Cancellation) is not { } key)
            return VaultResponse.NoContent();
        bool isChanged = false;
        foreach (long number in numbers)
        {
            if (key.IndexOf(number) is >= 0 and int index)
                isChanged |= change(context, key, index);
        }
        if (!isChanged)
            return VaultResponse.NoContent();
        key.Updated = context.Now;
        KvStorage.Put(context.Storage, path, key);
        return VaultResponse.NoContent();
    }

    private static bool Delete(RequestContext context, KvKey key, int index)
    {
        KvVersion version = key.Versions[index];
        if (!version.IsReadable(context.Now))
            return false;
        key.Versions[index] = version with { Deletion = context.Now };
        return true;
    }

    private static bool Undelete(RequestContext context, KvKey key, int index)
    {
        KvVersion version = key.Versions[index];
        if (version.IsDestroyed || version.Deletion is null)
            return false;
        key.Versions[index] = version with { Deletion = null };
        return true;
    }

    private static long[] Sent(RequestContext context)
    {
        if (context.Fields.TextList("versions") is not { Count: > 0 } texts)
            throw RequestRefused.BadRequest("No version number provided");
        long[] numbers = new long[texts.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!long.TryParse(texts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) || numbers[i] == 0)
                throw RequestRefused.BadRequest("error converting input for field \"versions\": expected a list of version numbers");
        }
        return numbers;
    }
}
