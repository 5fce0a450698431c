using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>Gives a token more time, within its limits as they are now. What has ended is never revived.</summary>
internal sealed class TokenRenewal(UnsealedVault vault)
{
    private const string OwnPeriod = "own_period";

    /// <summary>Marks a token whose period was asked for at its creation, and does not follow its role.</summary>
    public static readonly IReadOnlyDictionary<string, string> PeriodOfItsOwn = new Dictionary<string, string> { [OwnPeriod] = "true" };

    /// <param name="found">The token, alive and of the namespace of the request.</param>
    /// <param name="text">Shown in the answer; empty when only the accessor was given.</param>
    /// <param name="increment">Life asked for, counted from now; zero = the default. Periodic tokens get their period.</param>
    public async ValueTask<VaultResponse> RenewAsync(RequestContext context, TokenEntry found, string text, TimeSpan increment)
    {
        if (found.Type == TokenType.Batch)
            return VaultResponse.BadRequest("batch tokens cannot be renewed");
        if (await TokenStore.ReadAsync(context.Transaction, found.IdHash, context.Cancellation) is not { } token)
            return VaultResponse.BadRequest("token not found");
        if (token.ExpireTime is not { } oldEnd || !token.Renewable)
            return VaultResponse.BadRequest("lease is not renewable");
        (LifeLimits limits, TimeSpan asked) = await LimitsAsync(context, token, increment);
        DateTimeOffset now = vault.Clock.Now;
        if (limits.Renew(now, oldEnd, asked) is not { } end)
            return VaultResponse.BadRequest(now < oldEnd ? "past the max TTL, cannot renew" : "lease expired");
        TokenEntry renewed = token with { ExpireTime = end, LastRenewal = now };
        vault.Tokens.Replace(context.Transaction, token, renewed);
        IdentityOfToken identity = await vault.Identity.OfTokenAsync(context.Namespace, renewed, context.Cancellation);
        var response = new VaultResponse { Auth = TokenAnswers.AuthOf(renewed, text, end - now, identity.Policies) };
        return limits.CapWarning(now, asked, end) is { } warning ? response.Warn(warning) : response;
    }

    private async ValueTask<(LifeLimits Limits, TimeSpan Asked)> LimitsAsync(RequestContext context, TokenEntry token, TimeSpan increment)
    {
        if (vault.Mounts(context.Namespace).Router.Find(token.Path) is not { } mount)
            throw RequestRefused.BadRequest("the auth method that made the token is gone: log in again");
        SystemLimits system = vault.Options.Limits;
        if (mount.Entry.Type == "token")
        {
            TokenTerms terms = await TermsOfRoleAsync(context, token);
            return (new LifeLimits(token.CreationTime, mount.DefaultTtl(system), mount.MaxTtl(system), terms.Period, terms.ExplicitMaxTtl), increment);
        }
        if (mount.Backend is not IChecksRenewal method)
        {
            TimeSpan max = LoginTokens.Max(new TokenTerms { MaxTtl = token.MaxTtl }, mount, system);
            return (new LifeLimits(token.CreationTime, Default(token.Ttl, mount, system), max, token.Period, token.ExplicitMaxTtl), increment);
        }
        RenewalTerms current = await method.CheckRenewalAsync(token, context.At(mount));
        if (!TokenPolicies.AreEquivalent(TokenPolicies.Canonical(current.Policies), token.Policies))
            throw RequestRefused.BadRequest("policies have changed, not renewing");
        TimeSpan longest = LoginTokens.Max(new TokenTerms { MaxTtl = current.MaxTtl }, mount, system);
        return (new LifeLimits(token.CreationTime, Default(current.Ttl, mount, system), longest, current.Period, token.ExplicitMaxTtl), increment);
    }

    /// <summary>Period and explicit maximum of a token of <c>auth/token</c>: its own, and those that its role has now.</summary>
    private static async ValueTask<TokenTerms> TermsOfRoleAsync(RequestContext context, TokenEntry token)
    {
        var own = new TokenTerms { Period = token.Period, ExplicitMaxTtl = token.ExplicitMaxTtl };
        if (token.Role.Length == 0)
            return own;
        if (await TokenRoleRoutes.FindAsync(context, token.Role) is not { } role)
            throw RequestRefused.BadRequest($"original token role \"{token.Role}\" could not be found, not renewing");
        bool isPeriodOwn = token.InternalData?.ContainsKey(OwnPeriod) == true;
        return own with
        {
            Period = isPeriodOwn ? Lesser(token.Period, role.Terms.Period) : role.Terms.Period,
            ExplicitMaxTtl = Lesser(token.ExplicitMaxTtl, role.Terms.ExplicitMaxTtl),
        };
    }

    private static TimeSpan Lesser(TimeSpan one, TimeSpan other)
    {
        if (one == TimeSpan.Zero || other == TimeSpan.Zero)
            return one + other;
        return one < other ? one : other;
    }

    private static TimeSpan Default(TimeSpan ttl, Mount mount, SystemLimits system) => ttl > TimeSpan.Zero ? ttl : mount.DefaultTtl(system);
}
