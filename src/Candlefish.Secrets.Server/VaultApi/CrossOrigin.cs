using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Config;
using Microsoft.AspNetCore.Http;

namespace Candlefish.Secrets.Server.VaultApi;

/// <summary>
/// Cross-origin calls of browsers (Fetch standard, "CORS protocol"), as <c>sys/config/cors</c> says. Without a policy nothing
/// is answered about origins, and browsers refuse.
/// </summary>
internal static class CrossOrigin
{
    private const string Methods = "DELETE, GET, LIST, PATCH, POST, PUT, SCAN";
    private const string PreflightSeconds = "300";

    /// <summary>Sets the headers of an allowed origin. An answer means: send it, the request goes no further.</summary>
    public static VaultResponse? Check(HttpContext http, VaultNode node)
    {
        string? origin = http.Request.Headers.Origin;
        if (string.IsNullOrEmpty(origin) || node.Vault?.Cors is not { Enabled: true } policy)
            return null;
        IHeaderDictionary headers = http.Response.Headers;
        headers.Vary = "Origin";
        if (!policy.Allows(origin))
            return VaultResponse.Error(403, "origin not allowed: add it to sys/config/cors");
        headers.AccessControlAllowOrigin = origin;
        if (http.Request.Method != "OPTIONS" || http.Request.Headers.AccessControlRequestMethod.Count == 0)
            return null;
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = string.Join(", ", [.. CorsPolicy.StandardHeaders, .. policy.AllowedHeaders]);
        headers.AccessControlMaxAge = PreflightSeconds;
        return VaultResponse.NoContent();
    }
}
