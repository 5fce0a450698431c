using Candlefish.Secrets.Vault.Requests;
using Microsoft.AspNetCore.Http;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// Headers of every answer of the Vault API, those that the listener configures included. Headers about origins are the
/// work of <see cref="CrossOrigin"/>.
/// </summary>
internal static class ResponseHeaders
{
    private const string OneYear = "max-age=31536000; includeSubDomains";

    public static void Set(HttpResponse answer, Listener listener, VaultResponse response)
    {
        IHeaderDictionary headers = answer.Headers;
        headers.CacheControl = "no-store";
        if (listener.IsTls)
            headers.StrictTransportSecurity = OneYear;
        foreach ((string name, string value) in listener.HeadersOf(answer.StatusCode))
            headers[name] = value;
        if (response.Headers is not { } own)
            return;
        foreach ((string name, string value) in own)
            headers[name] = value;
    }
}
