using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Audit;

/// <summary>The options that every device shares, as far as this server has them.</summary>
/// <param name="ElidesLists">Listings are logged as a number of keys (<c>elide_list_responses</c>).</param>
/// <param name="OfDevice">What is left for the device itself.</param>
internal sealed record AuditOptions(bool ElidesLists, IReadOnlyDictionary<string, string> OfDevice)
{
    /// <exception cref="RequestRefused">400: an option that this server refuses.</exception>
    public static AuditOptions Parse(IReadOnlyDictionary<string, string> options)
    {
        var rest = new Dictionary<string, string>(options, StringComparer.Ordinal);
        if (rest.Remove("format", out string? format) && format is not ("json" or ""))
            throw RequestRefused.BadRequest("the option 'format' must be json: other formats are not supported");
        if (rest.Remove("log_raw", out string? raw) && !IsNo(raw))
            throw RequestRefused.BadRequest("the option 'log_raw' is refused: values never enter the trail in clear; use audit_non_hmac_request_keys of a mount for the members that may");
        if (rest.Remove("prefix", out string? prefix) && prefix.Length > 0)
            throw RequestRefused.BadRequest("the option 'prefix' is refused: a line begins with '{', so that no program can take the file for its own; leave it out");
        if (rest.Remove("hmac_accessor", out string? accessor) && IsNo(accessor))
            throw RequestRefused.BadRequest("the option 'hmac_accessor' must be true: accessors are always hashed");
        foreach (string later in new[] { "filter", "fallback", "exclude" })
        {
            if (rest.ContainsKey(later))
                throw RequestRefused.BadRequest($"the option '{later}' is not supported: every device records every entry");
        }
        bool elides = rest.Remove("elide_list_responses", out string? elide) && !IsNo(elide);
        return new AuditOptions(elides, rest);
    }

    private static bool IsNo(string text) => text is "" or "false" or "False" or "FALSE" or "f" or "F" or "0";
}
