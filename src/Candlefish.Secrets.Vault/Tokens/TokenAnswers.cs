using System.Text.Json;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>How a token is shown: the <c>auth</c> member, and the data of a look-up.</summary>
internal static class TokenAnswers
{
    /// <param name="text">The token, or empty when only its accessor was given.</param>
    public static AuthBlock AuthOf(TokenEntry entry, string text, TimeSpan life, IReadOnlyList<string> identityPolicies) => new()
    {
        ClientToken = text,
        Accessor = entry.Accessor,
        Policies = identityPolicies.Count == 0 ? entry.Policies : TokenPolicies.Canonical(entry.Policies.Concat(identityPolicies)),
        TokenPolicies = entry.Policies,
        IdentityPolicies = identityPolicies,
        Metadata = entry.Metadata,
        LeaseDuration = life,
        Renewable = entry.Renewable,
        EntityId = entry.EntityId,
        TokenType = entry.Type,
        Orphan = entry.IsOrphan,
        NumUses = Math.Max(entry.UsesLeft, 0),
    };

    /// <summary>Vault API: GET auth/token/lookup-self.</summary>
    /// <param name="text">The token, or empty when only its accessor was given.</param>
    public static JsonData LookupOf(TokenEntry entry, string text, DateTimeOffset now, IReadOnlyList<string> identityPolicies) => JsonData.Object(w =>
    {
        w.WriteString("accessor", entry.Accessor);
        w.WriteNumber("creation_time", entry.CreationTime.ToUnixTimeSeconds());
        w.WriteSeconds("creation_ttl", entry.Ttl);
        w.WriteString("display_name", entry.DisplayName);
        w.WriteString("entity_id", entry.EntityId);
        if (entry.ExpireTime is { } end)
            w.WriteTime("expire_time", end);
        else
            w.WriteNull("expire_time");
        w.WriteSeconds("explicit_max_ttl", entry.ExplicitMaxTtl);
        w.WriteString("id", text);
        w.WriteMap("meta", entry.Metadata is { Count: > 0 } ? entry.Metadata : null);
        w.WriteNumber("num_uses", Math.Max(entry.UsesLeft, 0));
        w.WriteBoolean("orphan", entry.IsOrphan);
        w.WriteString("path", entry.Path);
        w.WriteStrings("policies", entry.Policies);
        w.WriteNumber("ttl", entry.ExpireTime is { } expiry && expiry > now ? (long)(expiry - now).TotalSeconds : 0);
        w.WriteString("type", entry.Type == TokenType.Batch ? "batch" : "service");
        WriteLife(w, entry);
        WriteWhenSet(w, entry, identityPolicies);
    });

    private static void WriteLife(Utf8JsonWriter writer, TokenEntry entry)
    {
        if (entry.ExpireTime is null)
            return;
        writer.WriteBoolean("renewable", entry.Renewable);
        writer.WriteTime("issue_time", entry.CreationTime);
        if (entry.LastRenewal is not { } renewed)
            return;
        writer.WriteTime("last_renewal", renewed);
        writer.WriteNumber("last_renewal_time", renewed.ToUnixTimeSeconds());
    }

    private static void WriteWhenSet(Utf8JsonWriter writer, TokenEntry entry, IReadOnlyList<string> identityPolicies)
    {
        if (entry.Role.Length > 0)
            writer.WriteString("role", entry.Role);
        if (entry.Period > TimeSpan.Zero)
            writer.WriteSeconds("period", entry.Period);
        if (entry.BoundCidrs.Count > 0)
            writer.WriteStrings("bound_cidrs", entry.BoundCidrs);
        if (identityPolicies.Count > 0)
            writer.WriteStrings("identity_policies", identityPolicies);
    }
}
