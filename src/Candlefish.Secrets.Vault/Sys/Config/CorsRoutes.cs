using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys.Config;

/// <summary><c>sys/config/cors</c>: lets web pages of other origins call the API (Vault API).</summary>
internal sealed class CorsRoutes(UnsealedVault vault)
{
    public IEnumerable<Route> Routes() =>
    [
        Route.At("config/cors", "Shows, sets or removes the origins whose pages may call the API.")
            .Takes(
                Field.TextList("allowed_origins", "Origins such as https://ui.example.com, or *."),
                Field.TextList("allowed_headers", "Request headers that pages may send besides those of this API."),
                Field.Flag("enable", "Accepted for compatibility: writing enables."))
            .Reads(Read).Writes(Write).Deletes(Delete).Sudo(),
    ];

    private ValueTask<VaultResponse> Read(RequestContext context)
    {
        CorsPolicy policy = vault.Cors;
        return ValueTask.FromResult(new VaultResponse
        {
            Shape = ResponseShape.EnvelopeAndTopLevel,
            Data = JsonData.Object(w =>
            {
                w.WriteBoolean("enabled", policy.Enabled);
                if (!policy.Enabled)
                    return;
                w.WriteStrings("allowed_origins", policy.AllowedOrigins);
                w.WriteStrings("allowed_headers", [.. CorsPolicy.StandardHeaders, .. policy.AllowedHeaders]);
            }),
        });
    }

    private ValueTask<VaultResponse> Write(RequestContext context)
    {
        IReadOnlyList<string> origins = context.Fields.TextList("allowed_origins") ?? [];
        if (origins.Count == 0)
            return ValueTask.FromResult(VaultResponse.BadRequest("at least one origin or the wildcard must be provided"));
        if (origins.Count > 1 && origins.Contains("*"))
            return ValueTask.FromResult(VaultResponse.BadRequest("to allow all origins the '*' must be the only value for allowed_origins"));
        if (origins.Any(o => o != "*" && !IsOrigin(o)))
            return ValueTask.FromResult(VaultResponse.BadRequest("each of allowed_origins must be a scheme, a host and at most a port, such as https://ui.example.com"));
        IReadOnlyList<string> headers = context.Fields.TextList("allowed_headers") ?? [];
        if (headers.Any(h => !HeaderNames.IsValid(h)))
            return ValueTask.FromResult(VaultResponse.BadRequest("each of allowed_headers must be the name of a header"));
        Store(context, new CorsPolicy { Enabled = true, AllowedOrigins = origins, AllowedHeaders = headers });
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private ValueTask<VaultResponse> Delete(RequestContext context)
    {
        Store(context, CorsPolicy.Off);
        return ValueTask.FromResult(VaultResponse.NoContent());
    }

    private void Store(RequestContext context, CorsPolicy policy)
    {
        context.Transaction.Put(CorsPolicy.Key, JsonSerializer.SerializeToUtf8Bytes(policy, ConfigJson.Default.CorsPolicy));
        context.AfterCommit(() => vault.Cors = policy);
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "https" or "http" && text == uri.GetLeftPart(UriPartial.Authority);
}

/// <summary>Names of HTTP headers (RFC 9110 §5.1: a token).</summary>
internal static class HeaderNames
{
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 128 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));

    /// <summary>A value that cannot begin another header.</summary>
    public static bool IsValidValue(string value) => value.Length <= 4_096 && value.All(c => c is '\t' or (>= ' ' and < '\u007f'));
}
