using Candlefish.Secrets.Builtin.Audit.File;
using Candlefish.Secrets.Builtin.Audit.Socket;
using Candlefish.Secrets.Builtin.Audit.Syslog;
using Candlefish.Secrets.Builtin.Auth.AppRole;
using Candlefish.Secrets.Builtin.Auth.Userpass;
using Candlefish.Secrets.Builtin.Engines.Kv;
using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Builtin;

/// <summary>Everything that plugs into the kernel, one line each.</summary>
public static class Builtins
{
    public static BackendCatalog Backends() => new BackendCatalog()
        .Engine(KvEngine.Type, KvEngine.Create)
        .AuthMethod(AppRoleMethod.Type, AppRoleMethod.Create)
        .AuthMethod(UserpassMethod.Type, UserpassMethod.Create);

    public static AuditCatalog AuditDevices() => new AuditCatalog()
        .Device("file", FileAuditDevice.OpenAsync)
        .Device("syslog", SyslogAuditDevice.OpenAsync)
        .Device("socket", SocketAuditDevice.OpenAsync);
}
