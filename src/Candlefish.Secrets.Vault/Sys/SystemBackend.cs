using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys.Config;
using Candlefish.Secrets.Vault.Sys.Keys;
using Candlefish.Secrets.Vault.Sys.Node;

namespace Candlefish.Secrets.Vault.Sys;

/// <summary>The <c>sys/</c> mount. Each resource is one file of this folder that contributes its routes.</summary>
internal sealed class SystemBackend : IBackend, IDisposable
{
    private readonly RekeyRoutes _rekey;
    private readonly GenerateRootRoutes _generateRoot;

    public SystemBackend(UnsealedVault vault)
    {
        _rekey = new RekeyRoutes(vault);
        _generateRoot = new GenerateRootRoutes(vault);
        Routes = new(
        [
            .. SealRoutes.Of(vault),
            .. new MountRoutes(vault, MountClass.Secret).Routes(),
            .. new MountRoutes(vault, MountClass.Auth).Routes(),
            .. new RemountRoutes(vault).Routes(),
            .. new LeaseRoutes(vault).Routes(),
            .. new LockedUserRoutes(vault).Routes(),
            .. WrappingRoutes.Of(vault),
            .. new PolicyRoutes(vault).Routes(),
            .. new PasswordPolicyRoutes().Routes(),
            .. new CapabilityRoutes(vault).Routes(),
            .. new QuotaRoutes(vault).Routes(),
            .. new CounterRoutes(vault).Routes(),
            .. new UiRoutes(vault).Routes(),
            .. new NodeInfoRoutes(vault).Routes(),
            .. new MetricsRoutes(vault).Routes(),
            .. new OpenApiRoutes(vault).Routes(),
            .. new CorsRoutes(vault).Routes(),
            .. new UiHeaderRoutes(vault).Routes(),
            .. ToolRoutes.All(),
            .. HostInfoRoutes.All(),
            .. RawRoutes.Of(vault),
            .. new AuditRoutes(vault).Routes(),
            .. _rekey.Routes(),
            .. _generateRoot.Routes(),
            .. new KeyRotationRoutes(vault).Routes(),
        ]);
    }

    public RouteTable Routes { get; }

    /// <summary>Forgets key shares that were given to operations in progress.</summary>
    public void Dispose()
    {
        _rekey.Dispose();
        _generateRoot.Dispose();
    }
}
