using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>The mount <c>cubbyhole/</c>: storage that belongs to one token, and is destroyed with it.</summary>
internal sealed class CubbyholeBackend : IBackend
{
    public RouteTable Routes { get; } = new(
        Route.At("{path*}", "Stores values that only the calling token can read.")
            .TakesAny().Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync).Lists(ListAsync)
            .ExistsWhen(static async c => await Of(c).GetAsync(Key(c), c.Cancellation) is not null));

    /// <summary>The cubbyhole of a token, inside a transaction.</summary>
    public static BarrierView Of(StorageTransaction tx, TokenEntry token) => new(tx, TokenKeys.Cubbyhole(token.IdHash));

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context) =>
        await Of(context).GetAsync(Key(context), context.Cancellation) is { } stored
            ? VaultResponse.Ok(new JsonData(stored.AsSpan().ToArray()))
            : VaultResponse.NotFound();

    private static async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        if (context.Fields.Body is not { } body || !body.EnumerateObject().Any())
            return VaultResponse.BadRequest("missing data fields");
        BarrierView cubbyhole = Of(context);
        // Nothing may be written for a token that is revoked meanwhile: it would stay behind.
        if (context.Token is not { } token || !await context.Vault.Tokens.HoldsAsync(context.Transaction, token, context.Cancellation))
            return Denied.InvalidToken();
        cubbyhole.Put(Key(context), context.Request.Data.Utf8.ToArray());
        return VaultResponse.NoContent();
    }

    private static ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        Of(context).Delete(Key(context));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        string folder = context.Capture("path");
        (string after, int limit) = context.Page();
        return VaultResponse.List(await Of(context).ListAsync(folder.Length == 0 ? "" : folder + "/", context.Cancellation, after, limit));
    }

    private static BarrierView Of(RequestContext context)
    {
        TokenEntry token = context.Token ?? throw new InvalidOperationException("cubbyhole runs without a token");
        return token.Type == TokenType.Service
            ? Of(context.Transaction, token)
            : throw RequestRefused.BadRequest("cubbyhole operations are only supported by \"service\" type tokens");
    }

    private static string Key(RequestContext context) =>
        context.Capture("path") is { Length: > 0 } path ? path : throw RequestRefused.BadRequest("missing path");
}
