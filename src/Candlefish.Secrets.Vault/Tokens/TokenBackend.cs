using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Tokens;

/// <summary>The mount <c>auth/token/</c>: creates, shows, renews and revokes tokens.</summary>
internal sealed class TokenBackend : IBackend
{
    private readonly UnsealedVault _vault;
    private readonly TokenRenewal _renewal;

    public TokenBackend(UnsealedVault vault)
    {
        _vault = vault;
        _renewal = new TokenRenewal(vault);
        var creation = new TokenCreation(vault);
        Field token = Field.Text("token", "The token.");
        Field accessor = Field.Text("accessor", "Accessor of the token.");
        Field increment = Field.Duration("increment", "Life asked for, counted from now.", "0");
        Routes = new RouteTable(
        [
            Route.At("accessors", "Lists the accessors of all tokens.").Lists(ListAccessorsAsync).Sudo(),
            Route.At("create", "Creates a token.").Takes(TokenCreation.Fields).Writes(creation.CreateAsync),
            Route.At("create-orphan", "Creates a token without parent.").Takes(TokenCreation.Fields).Writes(creation.CreateOrphanAsync),
            Route.At("create/{role_name}", "Creates a token by a role.").Takes(TokenCreation.Fields).Writes(creation.CreateByRoleAsync),
            Route.At("lookup", "Shows a token.").Takes(token).Reads(LookupAsync).Writes(LookupAsync),
            Route.At("lookup-self", "Shows the caller's token.").Takes(token).Reads(LookupSelfAsync).Writes(LookupSelfAsync),
            Route.At("lookup-accessor", "Shows the token of an accessor.").Takes(accessor).Writes(LookupAccessorAsync),
            Route.At("renew", "Gives a token more time.").Takes(token, increment).Writes(RenewAsync),
            Route.At("renew-self", "Gives the caller's token more time.").Takes(token, increment).Writes(RenewSelfAsync),
            Route.At("renew-accessor", "Gives the token of an accessor more time.").Takes(accessor, increment).Writes(RenewAccessorAsync),
            Route.At("revoke", "Revokes a token with its children and leases.").Takes(token).Writes(RevokeAsync),
            Route.At("revoke-self", "Revokes the caller's token.").Writes(RevokeSelfAsync),
            Route.At("revoke-accessor", "Revokes the token of an accessor.").Takes(accessor).Writes(RevokeAccessorAsync),
            Route.At("revoke-orphan", "Revokes a token; its children live on as orphans.").Takes(token).Writes(RevokeOrphanAsync).Sudo(),
            Route.At("tidy", "Repairs what crashes may have left.").Writes(TidyAsync),
            .. TokenRoleRoutes.All(),
        ]);
    }

    public RouteTable Routes { get; }

    private async ValueTask<VaultResponse> ListAccessorsAsync(RequestContext context)
    {
        (string after, int limit) = context.Page();
        IReadOnlyList<string> accessors = await TokenTidy.AccessorsAsync(_vault, context.Namespace, context.Cancellation);
        return VaultResponse.List([.. accessors.Where(a => string.CompareOrdinal(a, after) > 0).Take(limit)]);
    }

    private async ValueTask<VaultResponse> LookupAsync(RequestContext context)
    {
        string text = RequiredToken(context);
        return await _vault.Tokens.FindAsync(text, context.Cancellation) is { } entry && IsOfNamespace(context, entry)
            ? await ShowAsync(context, entry, text)
            : VaultResponse.Error(403, "bad token");
    }

    private ValueTask<VaultResponse> LookupSelfAsync(RequestContext context) => ShowAsync(context, Self(context), context.Request.Token ?? "");

    private async ValueTask<VaultResponse> LookupAccessorAsync(RequestContext context) =>
        await ShowAsync(context, await OfAccessorAsync(context), "");

    private async ValueTask<VaultResponse> ShowAsync(RequestContext context, TokenEntry entry, string text)
    {
        IdentityOfToken identity = await _vault.Identity.OfTokenAsync(context.Namespace, entry, context.Cancellation);
        return VaultResponse.Ok(TokenAnswers.LookupOf(entry, text, _vault.Clock.Now, identity.Policies));
    }

    private async ValueTask<VaultResponse> RenewAsync(RequestContext context)
    {
        string text = RequiredToken(context);
        return await _vault.Tokens.FindAsync(text, context.Cancellation) is { } entry && IsOfNamespace(context, entry)
            ? await _renewal.RenewAsync(context, entry, text, IncrementOf(context))
            : VaultResponse.BadRequest("token not found");
    }

    private ValueTask<VaultResponse> RenewSelfAsync(RequestContext context) =>
        _renewal.RenewAsync(context, Self(context), context.Request.Token ?? "", IncrementOf(context));

    private async ValueTask<VaultResponse> RenewAccessorAsync(RequestContext context) =>
        await _renewal.RenewAsync(context, await OfAccessorAsync(context), "", IncrementOf(context));

    private async ValueTask<VaultResponse> RevokeAsync(RequestContext context)
    {
        string text = RequiredToken(context);
        if (BatchTokens.IsOne(text))
            return VaultResponse.BadRequest("batch tokens cannot be revoked");
        string hash = _vault.Tokens.HashOf(text);
        // Also a token whose time is up but that the sweeper has not removed yet.
        if (await _vault.Tokens.RecordAsync(hash, context.Cancellation) is not { } entry)
            return VaultResponse.NoContent();
        if (!IsOfNamespace(context, entry))
            return Denied.Permission();
        await _vault.Tokens.Revoker.RevokeAsync(hash, context.Cancellation);
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> RevokeSelfAsync(RequestContext context)
    {
        TokenEntry self = Self(context);
        if (self.Type == TokenType.Batch)
            return VaultResponse.BadRequest("batch tokens cannot be revoked");
        await _vault.Tokens.Revoker.RevokeAsync(self.IdHash, context.Cancellation);
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> RevokeAccessorAsync(RequestContext context)
    {
        TokenEntry entry = await OfAccessorAsync(context);
        await _vault.Tokens.Revoker.RevokeAsync(entry.IdHash, context.Cancellation);
        return VaultResponse.NoContent();
    }

    private async ValueTask<VaultResponse> RevokeOrphanAsync(RequestContext context)
    {
        string text = RequiredToken(context);
        if (BatchTokens.IsOne(text))
            return VaultResponse.BadRequest("batch tokens cannot be revoked");
        if (await _vault.Tokens.FindAsync(text, context.Cancellation) is not { } entry)
            return VaultResponse.BadRequest("token to revoke not found");
        if (!IsOfNamespace(context, entry))
            return Denied.Permission();
        await _vault.Tokens.Revoker.RevokeButChildrenAsync(entry.IdHash, context.Cancellation);
        return VaultResponse.NoContent();
    }

    private ValueTask<VaultResponse> TidyAsync(RequestContext context)
    {
        _vault.Background.Start("tidy of tokens", stop => TokenTidy.RunAsync(_vault, stop));
        var response = new VaultResponse { Status = 202 };
        return ValueTask.FromResult(response.Warn("Tidy operation successfully started. Any information from the operation will be printed to Vault's server logs."));
    }

    private static TokenEntry Self(RequestContext context) =>
        context.Token ?? throw new InvalidOperationException($"'{context.Path}' runs without a token");

    private static string RequiredToken(RequestContext context) =>
        context.Fields.Text("token") is { Length: > 0 } text ? text : throw RequestRefused.BadRequest("missing token ID");

    private static TimeSpan IncrementOf(RequestContext context) => context.Fields.Ttl("increment") ?? TimeSpan.Zero;

    // Unknown, dead, and of another namespace look alike (CVE-2026-40264).
    private async ValueTask<TokenEntry> OfAccessorAsync(RequestContext context)
    {
        if (context.Fields.Text("accessor") is not { Length: > 0 } accessor)
            throw RequestRefused.BadRequest("missing accessor ID");
        return await _vault.Tokens.FindByAccessorAsync(accessor, context.Cancellation) is { } entry && IsOfNamespace(context, entry)
            ? entry
            : throw new RequestRefused(403, ErrorText.Many("invalid accessor"));
    }

    private static bool IsOfNamespace(RequestContext context, TokenEntry entry) => entry.NamespaceId == context.Namespace.Id;
}
