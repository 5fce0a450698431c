using System.Text;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>
/// <c>sys/policies/acl</c> and the older <c>sys/policy</c> (Vault API): the same policies, two spellings of the answers.
/// </summary>
internal sealed class PolicyRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("policies/acl", "Lists the ACL policies.").Lists(ListAsync).Reads(ListAsync),
        Route.At("policies/acl/{name}", "Reads, writes or deletes an ACL policy.")
            .Takes(Field.Text("policy", "HCL or JSON text, also base64.").Required())
            .Reads(c => ReadAsync(c, isLegacy: false)).Writes(WriteAsync).Deletes(DeleteAsync),
        Route.At("policy", "Lists the ACL policies (older form).").Lists(ListLegacyAsync).Reads(ListLegacyAsync),
        Route.At("policy/{name}", "Reads, writes or deletes an ACL policy (older form).")
            .Takes(Field.Text("policy", "HCL or JSON text, also base64."), Field.Text("rules", "Older name of policy.").Deprecated())
            .Reads(c => ReadAsync(c, isLegacy: true)).Writes(WriteAsync).Deletes(DeleteAsync),
    ];

    private async ValueTask<VaultResponse> ListAsync(RequestContext context) =>
        VaultResponse.Ok(JsonData.Keys(await NamesAsync(context)));

    private async ValueTask<VaultResponse> ListLegacyAsync(RequestContext context)
    {
        IReadOnlyList<string> names = await NamesAsync(context);
        return new VaultResponse
        {
            Shape = ResponseShape.EnvelopeAndTopLevel,
            Data = JsonData.Object(w =>
            {
                w.WriteStrings("keys", names);
                w.WriteStrings("policies", names);
            }),
        };
    }

    private ValueTask<IReadOnlyList<string>> NamesAsync(RequestContext context) =>
        vault.Policies(context.Namespace).NamesAsync(context.Transaction, context.Cancellation);

    private async ValueTask<VaultResponse> ReadAsync(RequestContext context, bool isLegacy)
    {
        string name = NameOf(context);
        string? text = name == "root" ? "" : (await vault.Policies(context.Namespace).FindAsync(name, context.Cancellation))?.Text;
        if (text is null)
            return VaultResponse.NotFound();
        return new VaultResponse
        {
            Shape = isLegacy ? ResponseShape.EnvelopeAndTopLevel : ResponseShape.Envelope,
            Data = JsonData.Object(w =>
            {
                w.WriteString("name", name);
                w.WriteString("policy", text);
                if (isLegacy)
                    w.WriteString("rules", text);
            }),
        };
    }

    private ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string name = NameOf(context);
        if (!PolicyNames.MayBeWritten(name))
            return ValueTask.FromResult(VaultResponse.BadRequest($"cannot update \"{name}\" policy"));
        string text = context.Fields.Text("policy") ?? context.Fields.Text("rules") ?? "";
        if (text.Length == 0)
            return ValueTask.FromResult(VaultResponse.BadRequest("'policy' parameter not supplied or empty"));
        Policy policy;
        try
        {
            policy = PolicyParser.Parse(name, Decoded(text));
        }
        catch (PolicyException e)
        {
            return ValueTask.FromResult(VaultResponse.BadRequest(e.Message));
        }
        vault.Policies(context.Namespace).Put(context.Transaction, policy);
        VaultResponse response = VaultResponse.NoContent();
        foreach (string warning in policy.Warnings)
            response.Warn(warning);
        return ValueTask.FromResult(response);
    }

    private ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        string name = NameOf(context);
        if (!PolicyNames.MayBeDeleted(name))
            return ValueTask.FromResult(VaultResponse.BadRequest($"cannot delete \"{name}\" policy"));
        vault.Policies(context.Namespace).Delete(context.Transaction, name);
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static string NameOf(RequestContext context) =>
        PolicyNames.TryCanonicalize(context.Capture("name"), out string? name, out string? error)
            ? name
            : throw RequestRefused.BadRequest(error);

    // Policy text may come as base64. HCL and JSON hold characters that base64 has not, so the forms cannot be confused.
    private static string Decoded(string text)
    {
        byte[] buffer = new byte[text.Length];
        if (text.Contains('{', StringComparison.Ordinal) || !Convert.TryFromBase64String(text.Trim(), buffer, out int written))
            return text;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(buffer, 0, written);
        }
        catch (DecoderFallbackException)
        {
            return text;
        }
    }
}
