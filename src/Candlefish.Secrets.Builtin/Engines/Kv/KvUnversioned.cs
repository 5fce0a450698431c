using System.Runtime.InteropServices;
using System.Text.Json;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>The KV engine without history (Vault API: <c>kv</c> with option <c>version=1</c>): a name holds one JSON object.</summary>
/// <remarks>Stores keys with one version, so that tuning the mount to version 2 changes how they are served and nothing else.</remarks>
internal sealed class KvUnversioned : IBackend
{
    private readonly SystemLimits _limits;

    public KvUnversioned(SystemLimits limits)
    {
        _limits = limits;
        Routes = new RouteTable(Route.At("{path*}", "Reads, writes, deletes and lists secrets.")
            .Takes(KvListing.PageFields)
            .TakesAny()
            .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync).Lists(KvListing.ListAsync).Scans(KvListing.ScanAsync)
            .ExistsWhen(ExistsAsync));
    }

    public RouteTable Routes { get; }

    private static async ValueTask<bool> ExistsAsync(RequestContext context) =>
        await KvStorage.ReadKeyAsync(context.Storage, context.Capture("path"), context.Cancellation) is not null;

    private async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return KvAnswers.UnsupportedPath();
        if (await KvStorage.ReadKeyAsync(context.Storage, path, context.Cancellation) is not { } stored)
            return VaultResponse.NotFound();
        var key = new KvKeyView(stored);
        if (key.DataBytes == 0)
            throw new InvalidDataException("an unversioned KV key holds no data");
        VaultResponse response = VaultResponse.Ok(new JsonData(key.Data.ToArray()));
        response.LeaseDuration = LifeOf(key.Data) ?? context.Mount.DefaultTtl(_limits);
        return response;
    }

    private static ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return ValueTask.FromResult(KvAnswers.UnsupportedPath());
        if (context.Fields.Body is not { } body || !body.EnumerateObject().Any())
            return ValueTask.FromResult(VaultResponse.BadRequest("missing data fields"));
        KvStorage.PutUnversioned(context.Storage, path, JsonMarshal.GetRawUtf8Value(body), context.Now);
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        string path = context.Capture("path");
        if (path.Length == 0)
            return ValueTask.FromResult(KvAnswers.UnsupportedPath());
        context.Storage.Delete(KvStorage.Keys + path);
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    /// <summary>What the data says about how long a reader may keep it: member <c>ttl</c>, else <c>lease</c>.</summary>
    private static TimeSpan? LifeOf(ReadOnlySpan<byte> data)
    {
        TimeSpan? ttl = null, lease = null;
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = RequestData.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isTtl = reader.ValueTextEquals("ttl"u8), isLease = reader.ValueTextEquals("lease"u8);
            reader.Read();
            if (isTtl)
                ttl = DurationAt(ref reader);
            else if (isLease)
                lease = DurationAt(ref reader);
            reader.Skip();
        }
        return ttl ?? lease;
    }

    private static TimeSpan? DurationAt(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetInt64(out long seconds) && seconds is >= 0 and <= int.MaxValue ? TimeSpan.FromSeconds(seconds) : null;
        return reader.TokenType == JsonTokenType.String && WireTime.TryParseDuration(reader.GetString() ?? "", out TimeSpan life) && life > TimeSpan.Zero
            ? life
            : null;
    }
}
