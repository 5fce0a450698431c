using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>Makes the token of a login, in the transaction of the login: no commit, no token.</summary>
internal static class LoginTokens
{
    /// <summary>
    /// Creates the token of <paramref name="login"/> and puts it into the response. Policies are exactly
    /// <see cref="LoginResult.Policies"/> and <c>default</c>; those of <see cref="TokenTerms.Policies"/> are for the method
    /// to hand on.
    /// </summary>
    /// <exception cref="RequestRefused">The login may not have such a token; nothing is created.</exception>
    public static async ValueTask CreateAsync(UnsealedVault vault, RequestContext context, VaultResponse response, LoginResult login)
    {
        TokenTerms terms = login.Terms;
        if (!CidrBlock.AllowsAll(terms.BoundCidrs, context.Request.RemoteAddress))
            throw new RequestRefused(403, ErrorText.Many("permission denied"));
        DateTimeOffset now = vault.Clock.Now;
        SystemLimits system = vault.Options.Limits;
        var limits = new LifeLimits(now, context.Mount.DefaultTtl(system), Max(terms, context.Mount, system), terms.Period, terms.ExplicitMaxTtl);
        DateTimeOffset end = limits.Grant(now, terms.Ttl) ?? throw RequestRefused.BadRequest("the limits of this login leave its token no life: check token_explicit_max_ttl");
        TokenType type = TypeOf(terms, context.Mount);
        string entityId = await vault.Identity.EntityOfLoginAsync(context.Transaction, context.Mount, login, context.Cancellation);
        var template = new TokenEntry
        {
            IdHash = "",
            Accessor = "",
            NamespaceId = context.Namespace.Id,
            Type = type,
            Policies = PoliciesOf(login),
            Path = context.Path,
            Metadata = login.Metadata,
            DisplayName = DisplayNameOf(context.Mount, login.DisplayName),
            UsesLeft = terms.NumUses,
            CreationTime = now,
            Ttl = end - now,
            ExpireTime = end,
            Period = terms.Period,
            ExplicitMaxTtl = terms.ExplicitMaxTtl,
            MaxTtl = terms.MaxTtl,
            Renewable = login.Renewable && type == TokenType.Service,
            EntityId = entityId,
            BoundCidrs = terms.BoundCidrs,
            NoDefaultPolicy = terms.NoDefaultPolicy,
            InternalData = login.InternalData,
        };
        string text = vault.Tokens.Create(context.Transaction, template, out TokenEntry entry);
        IdentityOfToken identity = await vault.Identity.OfTokenAsync(context.Transaction, context.Namespace, entry, context.Cancellation);
        response.Auth = TokenAnswers.AuthOf(entry, text, end - now, identity.Policies);
        if (limits.CapWarning(now, terms.Ttl, end) is { } warning)
            response.Warn(warning);
    }

    /// <summary>The longest life that a login token of this mount may reach by renewal.</summary>
    public static TimeSpan Max(TokenTerms terms, Mount mount, SystemLimits system)
    {
        TimeSpan max = mount.MaxTtl(system);
        return terms.MaxTtl > TimeSpan.Zero && terms.MaxTtl < max ? terms.MaxTtl : max;
    }

    private static IReadOnlyList<string> PoliciesOf(LoginResult login)
    {
        IReadOnlyList<string> policies = TokenPolicies.Canonical(login.Policies);
        if (TokenPolicies.Unassignable(policies) is { } name)
        {
            throw RequestRefused.BadRequest(name == PolicyNames.Root
                ? "auth methods cannot create root tokens"
                : $"cannot assign policy \"{name}\"");
        }
        return login.Terms.NoDefaultPolicy ? policies : TokenPolicies.WithDefault(policies);
    }

    private static TokenType TypeOf(TokenTerms terms, Mount mount)
    {
        string ofMount = mount.Entry.Config.TokenType;
        string type = ofMount is "service" or "batch" || terms.Type.Length == 0 ? ofMount : terms.Type;
        if (type is not ("batch" or "default-batch"))
            return TokenType.Service;
        if (terms.NumUses > 0 || terms.Period > TimeSpan.Zero)
            throw RequestRefused.BadRequest("batch tokens cannot be periodic or limited in uses: change the role, or the token_type of the mount");
        return TokenType.Batch;
    }

    private static string DisplayNameOf(Mount mount, string name)
    {
        string source = mount.Entry.Path.TrimEnd('/').Replace('/', '-');
        return name.Length == 0 ? source : $"{source}-{name}";
    }
}
