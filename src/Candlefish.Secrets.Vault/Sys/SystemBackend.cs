using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>The <c>sys/</c> mount. Each resource is one file of this folder that contributes its routes.</summary>
internal sealed class SystemBackend(UnsealedVault vault) : IBackend
{
    public RouteTable Routes { get; } = new(
    [
        .. SealRoutes.Of(vault),
        .. new MountRoutes(vault, MountClass.Secret).Routes(),
        .. new MountRoutes(vault, MountClass.Auth).Routes(),
        .. new RemountRoutes(vault).Routes(),
        .. new PolicyRoutes(vault).Routes(),
        .. new CapabilityRoutes(vault).Routes(),
        .. new UiRoutes(vault).Routes(),
        .. new NodeInfoRoutes(vault).Routes(),
        .. ToolRoutes.All(),
        .. HostInfoRoutes.All(),
        .. RawRoutes.Of(vault),
    ]);
}
