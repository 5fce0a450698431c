using System.Globalization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/leases?type=irrevocable</c> and its count: leases whose secrets could not be undone.</summary>
internal sealed class IrrevocableLeases(UnsealedVault vault)
{
    /// <summary>Leases shown when no limit is asked for.</summary>
    private const int ShownByDefault = 10_000;

    private static readonly Field[] Fields =
    [
        Field.Text("type", "irrevocable").Required(),
        Field.Flag("include_child_namespaces", "Also of namespaces below.", "false"),
    ];

    public IEnumerable<Route> Routes() =>
    [
        Route.At("leases", "Lists leases that could not be revoked.").Takes(Fields)
            .Takes(Field.Text("limit", "Most leases to show, or 'none'.", "10000")).Reads(ListAsync).Sudo(),
        Route.At("leases/count", "Counts leases that could not be revoked.").Takes(Fields).Reads(CountAsync),
    ];

    private async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        if (context.Fields.RequiredText("type") != "irrevocable")
            return VaultResponse.NoContent();
        int limit = LimitOf(context.Fields.Text("limit"));
        List<LeaseEntry> leases = await ReadAsync(context, limit == int.MaxValue ? limit : limit + 1);
        bool isCut = leases.Count > limit;
        if (isCut)
            leases.RemoveAt(limit);
        VaultResponse response = VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteNumber("lease_count", leases.Count);
            w.WriteStartArray("leases");
            foreach (LeaseEntry lease in leases)
            {
                w.WriteStartObject();
                w.WriteString("lease_id", lease.Id);
                w.WriteString("mount_id", lease.MountAccessor);
                w.WriteString("error", lease.LastError);
                w.WriteEndObject();
            }
            w.WriteEndArray();
        }));
        return isCut ? response.Warn(string.Create(CultureInfo.InvariantCulture, $"only the first {limit} leases are shown: ask with limit=none for all")) : response;
    }

    private async ValueTask<VaultResponse> CountAsync(RequestContext context)
    {
        if (context.Fields.RequiredText("type") != "irrevocable")
            return VaultResponse.NoContent();
        List<LeaseEntry> leases = await ReadAsync(context, int.MaxValue);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteNumber("lease_count", leases.Count);
            w.WriteStartObject("counts");
            foreach (IGrouping<string, LeaseEntry> mount in leases.GroupBy(static l => l.MountAccessor).OrderBy(static g => g.Key, StringComparer.Ordinal))
                w.WriteNumber(mount.Key, mount.Count());
            w.WriteEndObject();
        }));
    }

    // Each in a transaction of its own: nothing is changed, and no plaintext is kept for the length of the request.
    private async ValueTask<List<LeaseEntry>> ReadAsync(RequestContext context, int limit)
    {
        var leases = new List<LeaseEntry>();
        string folder = LeaseRecords.Irrevocable(context.Namespace);
        string after = "";
        while (leases.Count < limit)
        {
            IReadOnlyList<string> page = await vault.Barrier.ListKeysAsync(folder, after, 500, context.Cancellation);
            foreach (string key in page.Take(limit - leases.Count))
            {
                using StorageTransaction tx = vault.Barrier.Begin();
                if (await LeaseRecords.ReadAsync(tx, context.Namespace, key[folder.Length..], context.Cancellation) is { } lease)
                    leases.Add(lease);
            }
            if (page.Count < 500)
                break;
            after = page[^1];
        }
        return leases;
    }

    private static int LimitOf(string? text)
    {
        if (text is null or "")
            return ShownByDefault;
        if (text == "none")
            return int.MaxValue;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit > 0
            ? limit
            : throw RequestRefused.BadRequest("'limit' must be a whole number from 1 on, or 'none'");
    }
}
