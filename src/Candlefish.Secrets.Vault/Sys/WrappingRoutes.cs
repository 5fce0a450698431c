using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/wrapping</c>: wraps, looks up, unwraps and rewraps single-use tokens that carry a response.</summary>
internal static class WrappingRoutes
{
    private static readonly Field Token = Field.Text("token", "The wrapping token; the caller's own when absent.");

    public static IEnumerable<Route> Of(UnsealedVault vault) =>
    [
        Route.At("wrapping/wrap", "Wraps the body of the request. Needs X-Vault-Wrap-TTL.").TakesAny().Writes(WrapAsync),
        Route.At("wrapping/lookup", "Shows when and by which path a wrapping token was made.").Takes(Token)
            .Reads(c => vault.Wrapping.LookupAsync(c)).Writes(c => vault.Wrapping.LookupAsync(c)).Unauthenticated(),
        Route.At("wrapping/unwrap", "Gives back the wrapped response, once.").Takes(Token).Writes(c => vault.Wrapping.UnwrapAsync(c)),
        Route.At("wrapping/rewrap", "Moves the wrapped response into a new token.").Takes(Token).Writes(c => vault.Wrapping.RewrapAsync(c)),
    ];

    private static ValueTask<VaultResponse> WrapAsync(RequestContext context)
    {
        if (context.Request.WrapTtl is not { } ttl || ttl <= TimeSpan.Zero)
            return ValueTask.FromResult(VaultResponse.BadRequest("endpoint requires response wrapping to be used"));
        byte[] data = context.Fields.Body is null ? "{}"u8.ToArray() : context.Request.Data.Utf8.ToArray();
        return ValueTask.FromResult(VaultResponse.Ok(new JsonData(data)));
    }
}
