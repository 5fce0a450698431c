using System.Text;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/raw</c>: reads and writes any key behind the barrier (Vault API). Off unless <c>raw_storage_endpoint</c> is set:
/// it goes past every policy but sudo. The keys of the barrier itself are never served.
/// </summary>
internal static class RawRoutes
{
    public static IEnumerable<Route> Of(UnsealedVault vault) => vault.Options.RawStorageEndpoint
        ?
        [
            Route.At("raw/{path*}", "Reads, writes, lists and deletes stored values behind the barrier.")
                .Takes(Field.Text("value", "The value."), Field.Text("encoding", "base64, or empty for text."), Field.Text("compressed", "Accepted for compatibility."), Field.Text("compression_type", "Not supported."))
                .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync).Lists(ListAsync).ExistsWhen(ExistsAsync).Sudo(),
        ]
        : [];

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        if (await context.Transaction.GetAsync(KeyOf(context), context.Cancellation) is not { } value)
            return VaultResponse.NotFound();
        string text = context.Fields.Text("encoding") == "base64" || !System.Text.Unicode.Utf8.IsValid(value)
            ? Convert.ToBase64String(value)
            : Encoding.UTF8.GetString(value);
        return VaultResponse.Ok(JsonData.Object(w => w.WriteString("value", text)));
    }

    private static async ValueTask<bool> ExistsAsync(RequestContext context) =>
        await context.Transaction.GetAsync(KeyOf(context), context.Cancellation) is not null;

    private static ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string value = context.Fields.Text("value") ?? throw RequestRefused.BadRequest("missing value");
        if (context.Fields.Text("compression_type") is { Length: > 0 })
            throw RequestRefused.BadRequest("compression_type is not supported: send the value as it is");
        byte[] bytes;
        try
        {
            bytes = context.Fields.Text("encoding") == "base64" ? Convert.FromBase64String(value) : Encoding.UTF8.GetBytes(value);
        }
        catch (FormatException)
        {
            throw RequestRefused.BadRequest("'value' is not valid base64");
        }
        context.Transaction.Put(KeyOf(context), bytes);
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        context.Transaction.Delete(KeyOf(context));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context)
    {
        string folder = context.Capture("path");
        if (folder.Length > 0 && !folder.EndsWith('/'))
            folder += "/";
        (string after, int limit) = context.Page();
        return VaultResponse.List(await context.Transaction.ListAsync(folder, after, limit, context.Cancellation));
    }

    private static string KeyOf(RequestContext context)
    {
        string key = context.Capture("path");
        if (key.Length == 0 || key is "core/keyring" or "core/seal")
            throw new RequestRefused(400, $"cannot access '{key}' through sys/raw");
        return key;
    }
}
