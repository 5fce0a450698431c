using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// An auth method that believes everybody: <c>login/NAME</c> logs NAME in. For tests of what follows a login. Type
/// <c>named</c> takes names as they are, type <c>folded</c> in any letter case.
/// </summary>
/// <remarks>Body: <c>groups</c> (of a directory), <c>metadata</c> (of the alias), <c>policies</c>, <c>token_type</c>.</remarks>
public class NamedLoginMethod : IBackend
{
    public NamedLoginMethod()
    {
        Routes = new RouteTable(
            Route.At("login/{name}", "Logs in.")
                .Takes(Field.TextList("groups", ""), Field.Map("metadata", ""), Field.TextList("policies", ""), Field.Text("token_type", ""))
                .Writes(LoginAsync).Unauthenticated());
    }

    public RouteTable Routes { get; }

    public static void AddTo(BackendCatalog catalog) => catalog
        .AuthMethod("named", (_, _) => new NamedLoginMethod())
        .AuthMethod("folded", (_, _) => new FoldedLoginMethod());

    protected virtual string NameOf(string given) => given;

    private ValueTask<VaultResponse> LoginAsync(RequestContext context) => ValueTask.FromResult(new VaultResponse
    {
        Login = new LoginResult
        {
            AliasName = NameOf(context.Capture("name")),
            DisplayName = context.Capture("name"),
            AliasMetadata = context.Fields.Map("metadata") ?? new Dictionary<string, string>(),
            GroupAliases = context.Fields.TextList("groups") ?? [],
            Policies = context.Fields.TextList("policies") ?? [],
            Terms = new TokenTerms { Type = context.Fields.Text("token_type") ?? "" },
        },
    });

    private sealed class FoldedLoginMethod : NamedLoginMethod, INamesAliases
    {
        public string CanonicalAlias(string name) => NameOf(name);

        protected override string NameOf(string given) => given.Trim().ToLowerInvariant();
    }
}
