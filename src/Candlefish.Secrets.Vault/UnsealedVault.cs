using Candlefish.Secrets.Vault.Audit;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Identity;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Quotas;
using Candlefish.Secrets.Vault.Metrics;
using Candlefish.Secrets.Vault.Requests;
using Candlefish.Secrets.Vault.Seals;
using Candlefish.Secrets.Vault.Sys.Config;
using Candlefish.Secrets.Vault.Tokens;
using Candlefish.Secrets.Vault.Wrapping;

namespace Candlefish.Secrets.Vault;

/// <summary>
/// The rooms of an unsealed vault. Exists only while the keys do; disposing it ends background work and zeroes them.
/// </summary>
public sealed class UnsealedVault : IAsyncDisposable
{
    private readonly VaultEnvironment _environment;
    private MountTable? _mounts;
    private PolicyStore? _policies;
    private TokenStore? _tokens;
    private LeaseStore? _leases;
    private IdentityStore? _identity;
    private AuditBroker? _audit;
    private QuotaStore? _quotas;
    private ResponseWrapping? _wrapping;
    private RequestPipeline? _pipeline;

    private UnsealedVault(VaultEnvironment environment, VaultNode node, SecurityBarrier barrier)
    {
        _environment = environment;
        Node = node;
        Barrier = barrier;
        Background = new BackgroundWork(environment.Log);
        Clock = new LeaseClock(environment.Time);
        Unrouted = new Mount(Namespace.Root, new MountEntry { Path = "", Type = "", Uuid = "", Accessor = "", Class = MountClass.Secret }, new NoBackend());
        UnroutedMatch = new RouteMatch(Route.At("", ""), default);
    }

    /// <summary>Builds every room, in the order in which they need each other.</summary>
    internal static async ValueTask<UnsealedVault> OpenAsync(VaultEnvironment environment, VaultNode node, SecurityBarrier barrier, CancellationToken cancellation)
    {
        var vault = new UnsealedVault(environment, node, barrier);
        try
        {
            var services = new BackendServices(environment.Time, environment.Options.Limits);
            vault._policies = new PolicyStore(vault, Namespace.Root);
            vault._tokens = await TokenStore.LoadAsync(vault, cancellation);
            vault._identity = await IdentityStore.LoadAsync(vault, cancellation);
            vault._mounts = await MountTable.LoadAsync(barrier, Namespace.Root, KernelBackends.AddTo(environment.Backends, vault), services, cancellation);
            vault._leases = await LeaseStore.LoadAsync(vault, cancellation);
            vault._quotas = await QuotaStore.LoadAsync(vault, cancellation);
            vault._audit = await AuditBroker.LoadAsync(vault, cancellation);
            vault._wrapping = new ResponseWrapping(vault);
            await vault.LoadBrowserSettingsAsync(cancellation);
            vault._pipeline = new RequestPipeline(vault);
            DeletedMounts.Resume(vault);
            KeyUpkeep.Start(vault);
            await vault._tokens.Revoker.ResumeAsync(cancellation);
            vault._leases.Start();
            return vault;
        }
        catch
        {
            await vault.DisposeAsync();
            throw;
        }
    }

    /// <summary>Only what <see cref="Initialization"/> needs to make the first token. The caller owns the barrier.</summary>
    internal static async ValueTask<UnsealedVault> OpenForInitializationAsync(VaultEnvironment environment, VaultNode node, SecurityBarrier barrier, CancellationToken cancellation)
    {
        var vault = new UnsealedVault(environment, node, barrier);
        vault._tokens = await TokenStore.LoadAsync(vault, cancellation);
        return vault;
    }

    public VaultNode Node { get; }

    public VaultOptions Options => _environment.Options;

    public TimeProvider Time => _environment.Time;

    public IVaultLog Log => _environment.Log;

    public VaultMetrics Metrics => _environment.Metrics;

    /// <summary>Which web pages may call the API; swapped whole when it changes.</summary>
    public CorsPolicy Cors { get; internal set; } = CorsPolicy.Off;

    /// <summary>Headers of the pages of the console (<c>sys/config/ui/headers</c>); swapped whole when they change.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ConsoleHeaders { get; internal set; } = new Dictionary<string, IReadOnlyList<string>>();

    internal AuditCatalog AuditDevices => _environment.AuditDevices;

    internal BackendCatalog Backends => _environment.Backends;

    internal SecurityBarrier Barrier { get; }

    /// <summary>Work beside requests; awaited before the keys go.</summary>
    internal BackgroundWork Background { get; }

    /// <summary>The time by which tokens and leases end.</summary>
    internal LeaseClock Clock { get; }

    internal TokenStore Tokens => _tokens ?? throw NotYet();

    internal LeaseStore Leases => _leases ?? throw NotYet();

    internal IdentityStore Identity => _identity ?? throw NotYet();

    internal AuditBroker Audit => _audit ?? throw NotYet();

    internal QuotaStore Quotas => _quotas ?? throw NotYet();

    internal ResponseWrapping Wrapping => _wrapping ?? throw NotYet();

    /// <summary>Stands for "no mount serves this path".</summary>
    internal Mount Unrouted { get; }

    internal RouteMatch UnroutedMatch { get; }

    internal MountTable Mounts(Namespace ns) => ns.IsRoot ? _mounts ?? throw NotYet() : throw NotYet();

    internal PolicyStore Policies(Namespace ns) => ns.IsRoot ? _policies ?? throw NotYet() : throw NotYet();

    /// <summary>The namespace of a header value; <see langword="null"/> when there is none of that name.</summary>
    internal Namespace? FindNamespace(string headerValue) => headerValue.Trim('/').Length == 0 ? Namespace.Root : null;

    /// <summary>The namespace of an id that a record carries; <see langword="null"/> when it was deleted.</summary>
    internal Namespace? NamespaceOf(string id) => id == Namespace.Root.Id ? Namespace.Root : null;

    /// <summary>Answers one request.</summary>
    public ValueTask<VaultResponse> HandleAsync(VaultRequest request, CancellationToken cancellation) =>
        (_pipeline ?? throw NotYet()).RunAsync(request, cancellation);

    /// <summary>Ends background work, then zeroes the keys.</summary>
    public async ValueTask DisposeAsync()
    {
        await Background.DisposeAsync();
        if (_leases is not null)
            await _leases.DisposeAsync();
        if (_audit is not null)
            await _audit.DisposeAsync();
        foreach (Mount mount in _mounts?.Router.Mounts ?? [])
            (mount.Backend as IDisposable)?.Dispose();
        _tokens?.Dispose();
        Barrier.Dispose();
    }

    private async ValueTask LoadBrowserSettingsAsync(CancellationToken cancellation)
    {
        using StorageTransaction tx = Barrier.Begin();
        Cors = await CorsPolicy.LoadAsync(tx, cancellation);
        ConsoleHeaders = (await UiHeaders.LoadAsync(tx, cancellation)).Headers;
    }

    private static InvalidOperationException NotYet() => new("the vault is still opening");

    private sealed class NoBackend : IBackend
    {
        public RouteTable Routes { get; } = new();
    }
}

/// <summary>What a node is built from.</summary>
/// <param name="Options">Configuration.</param>
/// <param name="Backends">Engines and auth methods that can be mounted.</param>
/// <param name="AuditDevices">Audit devices that can be enabled.</param>
/// <param name="Time">The only clock.</param>
public sealed record VaultEnvironment(VaultOptions Options, BackendCatalog Backends, AuditCatalog AuditDevices, TimeProvider Time, IVaultLog Log, VaultMetrics Metrics);
