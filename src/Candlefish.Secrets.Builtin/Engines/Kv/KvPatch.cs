using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>Changes members of the current data (Vault API: PATCH <c>:mount/data/:path</c>, RFC 7396).</summary>
internal static class KvPatch
{
    public static async ValueTask<VaultResponse> PatchAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        JsonElement patch = KvData.Sent(context);
        BarrierView storage = context.Storage;
        if (await KvStorage.FindAsync(storage, path, context.Cancellation) is not { } key || key.IndexOf(0) is not (>= 0 and int index))
            return KvAnswers.EmptyNotFound();
        KvVersion current = key.Versions[index];
        if (!current.IsReadable(context.Now))
            return KvAnswers.Gone("data"u8, current, key.CustomMetadata.Span);
        KvConfig config = await KvConfig.OfAsync(storage, context.Cancellation);
        if (CheckAndSet.OfData(context, config.CasRequired || key.CasRequired, key.Current) is { } refused)
            return refused;
        ReadOnlyMemory<byte> data = await KvStorage.ReadDataAsync(storage, path, key, key.Current, context.Cancellation);
        using JsonDocument target = JsonDocument.Parse(data);
        using var merged = new SecretJson(data.Length + context.Request.Data.Utf8.Length);
        MergePatch.Write(target.RootElement, patch, merged.Writer);
        return KvData.Add(context, config, path, key, merged.Written);
    }
}
