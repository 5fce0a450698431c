using System.Text.Json;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>Warns about body members that a route does not know: a typing error must not pass unseen.</summary>
internal static class UnknownParameters
{
    public static void WarnOf(RequestContext context, VaultResponse response)
    {
        Route route = context.Match.Route;
        if (route.TakesAnything || context.Operation is Operation.Read or Operation.List or Operation.Scan || context.Request.Data.Root is not { } root)
            return;
        List<string>? unknown = null;
        foreach (JsonProperty member in root.EnumerateObject())
        {
            bool isKnown = context.Match.Capture(member.Name) is not null;
            for (int i = 0; i < route.Fields.Count && !isKnown; i++)
                isKnown = route.Fields[i].Name == member.Name;
            if (!isKnown && member.Name.Length <= 64)
                (unknown ??= []).Add(member.Name);
        }
        if (unknown is not null)
            response.Warn($"Endpoint ignored these unrecognized parameters: [{string.Join(' ', unknown.Order(StringComparer.Ordinal))}]");
    }
}
