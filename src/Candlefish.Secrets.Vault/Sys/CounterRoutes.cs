using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/internal/counters</c>: how many entities and service tokens there are (Vault API). Counted when asked, kept here:
/// nothing is reported to anybody.
/// </summary>
internal sealed class CounterRoutes(UnsealedVault vault)
{
    private const int PageKeys = 10_000;

    public IEnumerable<Route> Routes() =>
    [
        Route.At("internal/counters/entities", "Counts the entities.")
            .Reads(c => CountAsync(c, "entities", c.Namespace.StoragePrefix + IdentityKeys.Root + IdentityKeys.Entities)),
        Route.At("internal/counters/tokens", "Counts the service tokens.").Reads(c => CountAsync(c, "service_tokens", TokenKeys.Ids)),
    ];

    private async ValueTask<VaultResponse> CountAsync(RequestContext context, string name, string prefix)
    {
        long total = 0;
        string after = "";
        IReadOnlyList<string> page;
        do
        {
            page = await vault.Barrier.ListKeysAsync(prefix, after, PageKeys, context.Cancellation);
            total += page.Count;
            after = page.Count > 0 ? page[^1] : after;
        }
        while (page.Count == PageKeys);
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            w.WriteStartObject("counters");
            w.WriteStartObject(name);
            w.WriteNumber("total", total);
            w.WriteEndObject();
            w.WriteEndObject();
        }));
    }
}
