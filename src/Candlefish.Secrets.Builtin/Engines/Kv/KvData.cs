using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// Reads and writes the data of a key (Vault API: <c>:mount/data/:path</c>). Data is the UTF-8 JSON object that the
/// client sent, byte for byte: it is never parsed on the way out, so numbers keep their text.
/// </summary>
internal static class KvData
{
    public static Route Route() => Vault.Requests.Route.At("data/{path*}", "Reads, writes, patches and deletes the data of a key.")
        .Takes(
            Field.Whole("version", "Version to read; 0 = the current one.", "0"),
            Field.Any("data", "The data: a JSON object."),
            Field.Map("options", "With cas, the write is refused unless that is the current version; 0 = only when there is none."))
        .Reads(ReadAsync).Writes(WriteAsync).Patches(KvPatch.PatchAsync).Deletes(KvVersions.DeleteCurrentAsync)
        .ExistsWhen(ExistsAsync);

    /// <summary>The version asked for; less than 0 is refused.</summary>
    public static long WantedVersion(RequestContext context) => context.Fields.Whole("version") switch
    {
        null => 0,
        >= 0 and { } number => number,
        _ => throw RequestRefused.BadRequest("'version' must not be negative"),
    };

    /// <summary>The data of the body, an object.</summary>
    public static JsonElement Sent(RequestContext context) => context.Fields.Any("data") switch
    {
        null => throw RequestRefused.BadRequest("no data provided"),
        { ValueKind: JsonValueKind.Object } data => data,
        _ => throw RequestRefused.BadRequest("error converting input for field \"data\": expected a map"),
    };

    private static async ValueTask<bool> ExistsAsync(RequestContext context) =>
        await KvStorage.ReadKeyAsync(context.Storage, context.Capture("path"), context.Cancellation) is { } stored && new KvKeyView(stored).Current > 0;

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        long wanted = WantedVersion(context);
        BarrierView storage = context.Storage;
        if (await KvStorage.ReadKeyAsync(storage, path, context.Cancellation) is not { } stored)
            return VaultResponse.NotFound();
        if (TryAnswer(stored, wanted, context.Now, out VaultResponse? answer, out long number))
            return answer;
        ReadOnlyMemory<byte> data = await KvStorage.ReadVersionAsync(storage, path, number, context.Cancellation);
        return Answer(stored, data, number);
    }

    /// <summary>Answers from the record of the key alone; false = the data of version <paramref name="number"/> is elsewhere.</summary>
    private static bool TryAnswer(byte[] stored, long wanted, DateTimeOffset now, [NotNullWhen(true)] out VaultResponse? answer, out long number)
    {
        var key = new KvKeyView(stored);
        number = 0;
        if (key.Find(wanted) is not { } version)
        {
            answer = VaultResponse.NotFound();
            return true;
        }
        number = version.Number;
        answer = !version.IsReadable(now) ? KvAnswers.Gone("data"u8, version, key.CustomMetadata)
            : number == key.Current && key.DataBytes > 0 ? KvAnswers.Version("data"u8, key.Data, version, key.CustomMetadata)
            : null;
        return answer is not null;
    }

    private static VaultResponse Answer(byte[] stored, ReadOnlyMemory<byte> data, long number)
    {
        var key = new KvKeyView(stored);
        return key.Find(number) is { } version
            ? KvAnswers.Version("data"u8, data.Span, version, key.CustomMetadata)
            : VaultResponse.NotFound();
    }

    private static async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        JsonElement data = Sent(context);
        BarrierView storage = context.Storage;
        KvConfig config = await KvConfig.OfAsync(storage, context.Cancellation);
        KvKey? found = await KvStorage.FindAsync(storage, path, context.Cancellation);
        if (CheckAndSet.OfData(context, config.CasRequired || found is { CasRequired: true }, found?.Current ?? 0) is { } refused)
            return refused;
        KvKey key = found ?? KvKey.Create(context.Now);
        return Add(context, config, path, key, JsonMarshal.GetRawUtf8Value(data));
    }

    /// <summary>Adds a version and answers with its block.</summary>
    public static VaultResponse Add(RequestContext context, KvConfig config, string path, KvKey key, ReadOnlySpan<byte> data)
    {
        DateTimeOffset? deletion = config.DeletionOf(key.DeleteVersionAfter, context.Now);
        KvVersion version = KvStorage.AddVersion(context.Storage, path, key, data, context.Now, deletion, config.VersionsToKeep(key.MaxVersions));
        return KvAnswers.Written(version, key.CustomMetadata.Span);
    }
}
