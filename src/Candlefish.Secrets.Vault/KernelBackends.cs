using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Sys;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault;

/// <summary>The backends that are part of the kernel, and the mounts that every namespace begins with.</summary>
internal static class KernelBackends
{
    /// <summary>Types that cannot be mounted, unmounted or moved by a client.</summary>
    public static readonly IReadOnlySet<string> FixedTypes = new HashSet<string>(StringComparer.Ordinal) { "system", "token", "identity", "cubbyhole" };

    public static BackendCatalog AddTo(BackendCatalog catalog, UnsealedVault vault) => catalog
        .Engine("system", (_, _) => new SystemBackend(vault))
        .Engine("identity", (_, _) => new IdentityBackend(vault))
        .Engine("cubbyhole", (_, _) => new CubbyholeBackend())
        .AuthMethod("token", (_, _) => new TokenBackend(vault));

    public static IReadOnlyList<MountEntry> InitialMounts() =>
    [
        Entry("cubbyhole/", "cubbyhole", MountClass.Secret, "per-token private secret storage"),
        Entry("token/", "token", MountClass.Auth, "token based credentials"),
        Entry("identity/", "identity", MountClass.Secret, "identity store"),
        Entry("sys/", "system", MountClass.Secret, "system endpoints used for control, policy and debugging"),
    ];

    public static MountEntry Entry(string path, string type, MountClass @class, string description, IReadOnlyDictionary<string, string>? options = null) => new()
    {
        Path = path,
        Type = type,
        Uuid = RandomText.Uuid(),
        Accessor = (@class == MountClass.Auth ? "auth_" : "") + type + "_" + RandomText.Hex(4),
        Class = @class,
        Description = description,
        Options = options ?? new Dictionary<string, string>(),
    };
}
