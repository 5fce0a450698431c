using Candlefish.Secrets.Vault.Policies;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>What identity adds to a token.</summary>
/// <param name="Policies">Canonical names, sorted; never <c>root</c>.</param>
/// <param name="Templates">Values for templated policies; <see langword="null"/> when the token has no entity.</param>
/// <param name="IsDisabled">The entity is disabled or gone: the token must be refused.</param>
/// <param name="Version">Changes whenever anything above may have changed: part of the key of cached rights.</param>
internal sealed record IdentityOfToken(IReadOnlyList<string> Policies, IdentityTemplateValues? Templates, bool IsDisabled, long Version)
{
    public static readonly IdentityOfToken None = new([], null, false, 0);

    /// <summary>Of a token whose entity was deleted.</summary>
    public static readonly IdentityOfToken Refused = new([], null, true, 0);

    internal static IReadOnlyDictionary<string, string> NoPairs { get; } = new Dictionary<string, string>();
}
