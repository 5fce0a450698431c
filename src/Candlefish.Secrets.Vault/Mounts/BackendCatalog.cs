using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Mounts;

/// <summary>Makes the backend of a mount. Refuses wrong options with <see cref="RequestRefused"/>.</summary>
public delegate IBackend BackendFactory(MountEntry entry, BackendServices services);

/// <summary>What the kernel lends to a backend for its whole life.</summary>
/// <param name="Time">The only clock.</param>
/// <param name="Limits">Server-wide lease limits.</param>
public sealed record BackendServices(TimeProvider Time, SystemLimits Limits);

/// <summary>The kinds of backends that can be mounted. <c>Builtins</c> fills it once, at start.</summary>
public sealed class BackendCatalog
{
    private readonly Dictionary<(MountClass, string), BackendFactory> _factories = [];

    public IEnumerable<string> TypesOf(MountClass @class) => _factories.Keys.Where(k => k.Item1 == @class).Select(k => k.Item2).Order(StringComparer.Ordinal);

    public BackendCatalog Engine(string type, BackendFactory factory)
    {
        _factories[(MountClass.Secret, type)] = factory;
        return this;
    }

    public BackendCatalog AuthMethod(string type, BackendFactory factory)
    {
        _factories[(MountClass.Auth, type)] = factory;
        return this;
    }

    public BackendFactory? Find(MountClass @class, string type) => _factories.GetValueOrDefault((@class, type));
}
