using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>The <c>sys/</c> mount. Each resource is one file of this folder that contributes its routes.</summary>
internal sealed class SystemBackend(UnsealedVault vault) : IBackend
{
    public RouteTable Routes { get; } = new(
    [
        .. SealRoutes.Of(vault),
    ]);
}
