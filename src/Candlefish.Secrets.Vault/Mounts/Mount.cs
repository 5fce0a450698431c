using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Mounts;

/// <summary>A mounted backend, as the router finds it. Immutable; tuning makes a new one around the same backend.</summary>
public sealed class Mount(Namespace @namespace, MountEntry entry, IBackend backend)
{
    public Namespace Namespace { get; } = @namespace;

    public MountEntry Entry { get; } = entry;

    public IBackend Backend { get; } = backend;

    /// <summary>Where requests begin: <c>secret/</c>, <c>auth/userpass/</c>.</summary>
    public string RoutePrefix { get; } = entry.Class == MountClass.Auth ? "auth/" + entry.Path : entry.Path;

    /// <summary>The backend's slice of the barrier.</summary>
    public string StoragePrefix { get; } = entry.Type switch
    {
        "system" => @namespace.StoragePrefix + "sys/",
        "token" => @namespace.StoragePrefix + "sys/token/",
        "identity" => @namespace.StoragePrefix + "sys/identity/",
        _ => @namespace.StoragePrefix + (entry.Class == MountClass.Auth ? "auth/" : "logical/") + entry.Uuid + "/",
    };

    /// <summary>Life of a lease or token when nothing else is said.</summary>
    public TimeSpan DefaultTtl(SystemLimits limits) =>
        Entry.Config.DefaultLeaseTtl > TimeSpan.Zero ? Entry.Config.DefaultLeaseTtl : limits.DefaultLeaseTtl;

    /// <summary>Longest life of a lease or token.</summary>
    public TimeSpan MaxTtl(SystemLimits limits) =>
        Entry.Config.MaxLeaseTtl > TimeSpan.Zero ? Entry.Config.MaxLeaseTtl : limits.MaxLeaseTtl;
}

/// <summary>Server-wide lease limits (<c>default_lease_ttl</c>, <c>max_lease_ttl</c>).</summary>
public sealed record SystemLimits(TimeSpan DefaultLeaseTtl, TimeSpan MaxLeaseTtl)
{
    /// <summary>768 hours each.</summary>
    public static readonly SystemLimits Standard = new(TimeSpan.FromHours(768), TimeSpan.FromHours(768));
}
