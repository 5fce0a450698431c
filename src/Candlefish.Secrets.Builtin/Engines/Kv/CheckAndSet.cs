using System.Globalization;
using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Engines.Kv;

/// <summary>
/// A write that only succeeds when the client knows the current version (Vault API: <c>options.cas</c>; of metadata:
/// <c>metadata_cas</c>).
/// </summary>
internal static class CheckAndSet
{
    /// <summary>The refusal of a write of data; <see langword="null"/> when it may go on.</summary>
    public static VaultResponse? OfData(RequestContext context, bool isRequired, long current)
    {
        JsonElement? sent = null;
        if (context.Fields.Any("options") is { } options)
        {
            if (options.ValueKind != JsonValueKind.Object)
                return VaultResponse.BadRequest("error converting input for field \"options\": expected a map");
            if (options.TryGetProperty("cas", out JsonElement cas) && cas.ValueKind != JsonValueKind.Null)
                sent = cas;
        }
        if (sent is not { } value)
            return isRequired ? VaultResponse.BadRequest("check-and-set parameter required for this call") : null;
        if (!TryRead(value, out long wanted))
            return VaultResponse.BadRequest("error parsing check-and-set parameter");
        return wanted == current ? null : VaultResponse.BadRequest("check-and-set parameter did not match the current version");
    }

    /// <summary>The refusal of a write of metadata; <see langword="null"/> when it may go on.</summary>
    public static VaultResponse? OfMetadata(RequestContext context, bool isRequired, long current)
    {
        if (context.Fields.Any("metadata_cas") is not { } value)
            return isRequired ? VaultResponse.BadRequest("metadata check-and-set parameter required for this call") : null;
        if (!TryRead(value, out long wanted))
            return VaultResponse.BadRequest("error parsing metadata check-and-set parameter");
        return wanted == current ? null : VaultResponse.BadRequest("metadata check-and-set parameter does not match the current version");
    }

    private static bool TryRead(JsonElement value, out long number)
    {
        number = 0;
        return value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out number),
            JsonValueKind.String => long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
    }
}
