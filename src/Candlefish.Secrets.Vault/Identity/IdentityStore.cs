using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Identity;

/// <summary>Entities, aliases and groups of all namespaces.</summary>
internal sealed class IdentityStore
{
    public static ValueTask<IdentityStore> LoadAsync(UnsealedVault vault, CancellationToken cancellation) => ValueTask.FromResult(new IdentityStore());

    /// <summary>What identity adds to a token at this moment: policies of its entity and of all its groups.</summary>
    public ValueTask<IdentityOfToken> OfTokenAsync(Namespace ns, TokenEntry token, CancellationToken cancellation) => ValueTask.FromResult(IdentityOfToken.None);

    /// <summary>Finds the entity of a login's alias or makes one, inside the transaction of the login. Returns its id.</summary>
    public ValueTask<string> EntityOfLoginAsync(StorageTransaction tx, Mount mount, LoginResult login, CancellationToken cancellation) => ValueTask.FromResult("");
}
