using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys.Config;

/// <summary><c>sys/config/ui/headers</c>: headers of the pages of the web console (Vault API).</summary>
internal sealed class UiHeaderRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("config/ui/headers", "Lists the headers that pages of the web console carry.").Lists(ListAsync).Sudo(),
        Route.At("config/ui/headers/{header}", "Reads, sets or removes a header of the pages of the web console.")
            .Takes(Field.TextList("values", "Values of the header.").Required(), Field.Flag("multivalue", "Answers all values in place of the first."))
            .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync).Sudo(),
    ];

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context) =>
        VaultResponse.List((await UiHeaders.LoadAsync(context.Transaction, context.Cancellation)).Headers.Keys);

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        UiHeaders stored = await UiHeaders.LoadAsync(context.Transaction, context.Cancellation);
        if (!stored.Headers.TryGetValue(context.Capture("header"), out IReadOnlyList<string>? values))
            return VaultResponse.NotFound();
        bool all = context.Fields.Flag("multivalue") ?? false;
        return VaultResponse.Ok(JsonData.Object(w =>
        {
            if (all)
                w.WriteStrings("values", values);
            else
                w.WriteString("value", values[0]);
        }));
    }

    private async ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string name = context.Capture("header");
        if (!HeaderNames.IsValid(name))
            return VaultResponse.BadRequest("the header name holds a character that header names may not have");
        if (name.StartsWith("X-Vault-", StringComparison.OrdinalIgnoreCase))
            return VaultResponse.BadRequest("X-Vault headers cannot be set");
        IReadOnlyList<string> values = context.Fields.TextList("values") ?? [];
        if (values.Count == 0)
            return VaultResponse.BadRequest("missing values: give at least one");
        if (values.Any(v => !HeaderNames.IsValidValue(v)))
            return VaultResponse.BadRequest("'values' must be printable ASCII text without line breaks, at most 4096 characters each");
        UiHeaders stored = await UiHeaders.LoadAsync(context.Transaction, context.Cancellation);
        stored.Headers[name] = values;
        Store(context, stored);
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        UiHeaders stored = await UiHeaders.LoadAsync(context.Transaction, context.Cancellation);
        if (stored.Headers.Remove(context.Capture("header")))
            Store(context, stored);
        return VaultResponse.NoContent();
    }

    private void Store(RequestContext context, UiHeaders headers)
    {
        context.Transaction.Put(UiHeaders.Key, JsonSerializer.SerializeToUtf8Bytes(headers, ConfigJson.Default.UiHeaders));
        context.AfterCommit(() => vault.ConsoleHeaders = headers.Headers);
    }
}
