using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// An auth method that lets everyone in on the terms that the login itself names: <c>login/NAME</c> with the
/// <c>token_*</c> parameters. <c>refuse</c> answers an error together with a login. For tests of login tokens.
/// </summary>
public sealed class OpenDoorAuth : IBackend, IChecksRenewal
{
    public OpenDoorAuth() => Routes = new RouteTable(
        Route.At("login/{name}", "Logs in.").Takes([.. TokenTermsFields.All, Field.Flag("refuse", "")]).Writes(LoginAsync).Unauthenticated());

    public RouteTable Routes { get; }

    /// <summary>What the next renewals get; <see langword="null"/> refuses them.</summary>
    public RenewalTerms? Renewals { get; set; } = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, []);

    public ValueTask<RenewalTerms> CheckRenewalAsync(TokenEntry token, RequestContext context)
    {
        if (context.Mount.Backend != this)
            throw new InvalidOperationException("the renewal does not see the method's own mount");
        return ValueTask.FromResult(Renewals ?? throw RequestRefused.BadRequest("the user is gone"));
    }

    private static ValueTask<VaultResponse> LoginAsync(RequestContext context)
    {
        TokenTerms terms = TokenTermsFields.Read(context.Fields, new TokenTerms());
        var login = new LoginResult
        {
            AliasName = "",
            DisplayName = context.Capture("name"),
            Policies = terms.Policies,
            Terms = terms,
            Metadata = new Dictionary<string, string> { ["name"] = context.Capture("name") },
        };
        return ValueTask.FromResult(context.Fields.Flag("refuse") == true
            ? new VaultResponse { Status = 400, Errors = ["refused"], Login = login }
            : new VaultResponse { Login = login });
    }
}
