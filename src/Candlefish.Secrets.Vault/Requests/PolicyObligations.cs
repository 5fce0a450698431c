using System.Text.Json;
using System.Text.RegularExpressions;
using Candlefish.Secrets.Vault.Policies;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// What a granting rule asks for beside the grant: a page size, filtered listings; approvals and second factors, which
/// refuse the request as long as nothing can give them.
/// </summary>
internal static partial class PolicyObligations
{
    /// <summary>Refuses a request whose rule asks for something that it does not bring.</summary>
    public static VaultResponse? Unmet(RequestContext context, in AclDecision decision)
    {
        if (decision.ControlGroup is not null)
            return VaultResponse.Error(403, "the policy asks for approvals by a control group here, and this server cannot collect any yet: ask for a rule without control_group");
        if (decision.MfaMethods.Count > 0)
            return VaultResponse.Error(403, "the policy asks for a second factor here (mfa_methods), and this server cannot check any yet: ask for a rule without it");
        if (decision.PaginationLimit is not { } most || context.Operation is not (Operation.List or Operation.Scan))
            return null;
        // Absent, zero and negative page sizes would all mean "everything": none of them passes.
        long asked = context.Fields.Whole("limit") ?? 0;
        return asked >= 1 && asked <= most ? null : VaultResponse.Error(403, $"the policy asks for pages here: send 'limit' between 1 and {most}");
    }

    /// <summary>Removes from a listing what the caller may not read, by the templates of the rule.</summary>
    public static void FilterListing(RequestContext context, VaultResponse response)
    {
        if (context.Operation is not (Operation.List or Operation.Scan) || context.Decision is not { } decision || decision.ListFilterPaths.Count == 0)
            return;
        if (response.IsError || response.Data.IsNone || context.Acl is not { } acl)
            return;
        using JsonDocument document = response.Data.Parse();
        if (!document.RootElement.TryGetProperty("keys", out JsonElement keys) || keys.ValueKind != JsonValueKind.Array)
            return;
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement key in keys.EnumerateArray())
        {
            string name = key.GetString() ?? "";
            if (decision.ListFilterPaths.All(template => IsReadable(context, acl, template, name)))
                kept.Add(name);
        }
        response.Data = JsonData.Object(w =>
        {
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (member.Name == "keys")
                    w.WriteStrings("keys", keys.EnumerateArray().Select(k => k.GetString() ?? "").Where(kept.Contains));
                else if (member.Name == "key_info" && member.Value.ValueKind == JsonValueKind.Object)
                    WriteKept(w, member.Value, kept);
                else
                    member.WriteTo(w);
            }
        });
    }

    private static void WriteKept(Utf8JsonWriter writer, JsonElement keyInfo, HashSet<string> kept)
    {
        writer.WriteStartObject("key_info");
        foreach (JsonProperty info in keyInfo.EnumerateObject().Where(i => kept.Contains(i.Name)))
            info.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static bool IsReadable(RequestContext context, Acl acl, string template, string key)
    {
        string path = Placeholder().Replace(template, m => m.Groups[1].Value == "path" ? context.Path : key);
        Capability needed = key.EndsWith('/') ? Capability.List : Capability.Read;
        return CanonicalPath.TryParse(path, out _, out _) && acl.CapabilitiesOf(path, context.Now).HasFlag(needed);
    }

    // OpenBao policies: {{ .path }} is the listed path, {{ .key }} the name in the answer.
    [GeneratedRegex(@"\{\{\s*\.(path|key)\s*\}\}")]
    private static partial Regex Placeholder();
}
