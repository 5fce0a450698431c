using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>Answers <c>?help=1</c> from the route table.</summary>
internal static class HelpText
{
    public static VaultResponse Of(RequestContext context)
    {
        Route route = context.Match.Route;
        string fields = string.Concat(route.Fields.Select(f => $"\n    {f.Name} ({f.Kind})\n        {f.Description}"));
        return VaultResponse.Bare(JsonData.Object(w => w.WriteString("help", $"{route.Pattern}\n\n{route.Summary}\n{fields}\n")));
    }
}
