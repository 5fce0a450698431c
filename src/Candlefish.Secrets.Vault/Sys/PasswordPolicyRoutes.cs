using System.Text;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary><c>sys/policies/password</c>: how generated passwords look (Vault API).</summary>
internal sealed class PasswordPolicyRoutes
{
    private const string Folder = "password-policy/";

    public IEnumerable<Route> Routes() =>
    [
        Route.At("policies/password", "Lists the password policies.").Lists(ListAsync),
        Route.At("policies/password/{name}", "Reads, writes or deletes a password policy.")
            .Takes(Field.Text("policy", "HCL or JSON text: length, and rules with a charset and min-chars.").Required())
            .Reads(ReadAsync).Writes(WriteAsync).Deletes(DeleteAsync),
        Route.At("policies/password/{name}/generate", "Makes one password by the policy.").Reads(GenerateAsync),
    ];

    private static async ValueTask<VaultResponse> ListAsync(RequestContext context) =>
        VaultResponse.List(await View(context).ListAsync("", context.Cancellation));

    private static async ValueTask<VaultResponse> ReadAsync(RequestContext context)
    {
        if (await View(context).GetAsync(NameOf(context), context.Cancellation) is not { } stored)
            return VaultResponse.NotFound();
        string text = Encoding.UTF8.GetString(stored);
        return VaultResponse.Ok(JsonData.Object(w => w.WriteString("policy", text)));
    }

    private static ValueTask<VaultResponse> WriteAsync(RequestContext context)
    {
        string text = context.Fields.RequiredText("policy");
        PasswordPolicy policy = Parse(text);
        _ = policy.Generate();
        View(context).Put(NameOf(context), Encoding.UTF8.GetBytes(text));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static ValueTask<VaultResponse> DeleteAsync(RequestContext context)
    {
        View(context).Delete(NameOf(context));
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private static async ValueTask<VaultResponse> GenerateAsync(RequestContext context)
    {
        if (await View(context).GetAsync(NameOf(context), context.Cancellation) is not { } stored)
            return VaultResponse.NotFound();
        PasswordPolicy policy = Parse(Encoding.UTF8.GetString(stored));
        return VaultResponse.Ok(JsonData.Object(w => w.WriteString("password", policy.Generate())));
    }

    private static PasswordPolicy Parse(string text)
    {
        try
        {
            return PasswordPolicy.Parse(text);
        }
        catch (PolicyException e)
        {
            throw RequestRefused.BadRequest(e.Message);
        }
    }

    private static BarrierView View(RequestContext context) => context.Storage.Below(Folder);

    private static string NameOf(RequestContext context) =>
        PolicyNames.TryCanonicalize(context.Capture("name"), out string? name, out string? error) ? name : throw RequestRefused.BadRequest(error);
}
