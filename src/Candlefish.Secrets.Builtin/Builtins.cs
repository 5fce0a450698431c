using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Builtin;

/// <summary>Everything that plugs into the kernel, one line each.</summary>
public static class Builtins
{
    public static BackendCatalog Backends() => new();

    public static AuditCatalog AuditDevices() => new();
}
