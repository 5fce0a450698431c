using System.Globalization;
using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Mounts;
using Candlefish.Secrets.Vault.Namespaces;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Tokens;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// Everything one request carries through the pipeline, and all that a handler may touch.
/// </summary>
public sealed class RequestContext
{
    public required VaultRequest Request { get; init; }

    public required UnsealedVault Vault { get; init; }

    public required Namespace Namespace { get; init; }

    public required Mount Mount { get; init; }

    public required RouteMatch Match { get; init; }

    /// <summary>The whole canonical path, with a trailing slash for listings: what policies see.</summary>
    public required string Path { get; init; }

    /// <summary>The path has a mount and a route.</summary>
    public required bool IsRouted { get; init; }

    /// <summary>Path relative to the mount.</summary>
    public required string RelativePath { get; init; }

    public required CancellationToken Cancellation { get; init; }

    /// <summary>The time of the request; not set back with the wall clock (<see cref="LeaseClock"/>).</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The token of the caller; <see langword="null"/> on unauthenticated routes.</summary>
    public TokenEntry? Token { get; set; }

    /// <summary>The compiled rights of <see cref="Token"/>; <see langword="null"/> on unauthenticated routes.</summary>
    public Acl? Acl { get; set; }

    /// <summary>Policies that identity adds to those of the token.</summary>
    public IReadOnlyList<string> IdentityPolicies { get; set; } = [];

    /// <summary>The handler refuses, but what it wrote is to stay (a counter of failed logins).</summary>
    public bool KeepsWritesOnError { get; set; }

    /// <summary>
    /// What a handler keeps for its own re-runs: the result of pure work that costs too much to be done twice (a password
    /// hash). It must hold with it what it was computed from, because storage may have changed since.
    /// </summary>
    public object? Kept { get; set; }

    /// <summary>Picks the logins that end with this request; see <see cref="EndLogins"/>.</summary>
    internal Func<TokenEntry, bool>? EndedLogins { get; private set; }

    /// <summary>Why the request is allowed, for the audit trail.</summary>
    public AclDecision? Decision { get; set; }

    /// <summary>A rate limit refused the request; its data must not be parsed any more, not even for the audit trail.</summary>
    internal bool IsRateLimited { get; set; }

    /// <summary>What a rate limit says about itself in the headers of the answer.</summary>
    internal IReadOnlyDictionary<string, string>? LimitHeaders { get; set; }

    /// <summary>The transaction of the request. Engines use <see cref="Storage"/>; only kernel rooms reach here.</summary>
    public StorageTransaction Transaction { get; set; } = StorageTransaction.None;

    /// <summary>The backend's own slice of the barrier, inside the transaction of the request.</summary>
    public BarrierView Storage => new(Transaction, Mount.StoragePrefix);

    /// <summary>The policies of the caller grant <c>sudo</c> here besides the capability; root has it everywhere.</summary>
    public bool HasSudo => Acl is { } acl && acl.Decide(new AclRequest
    {
        Operation = Operation,
        Path = Path,
        Data = Request.Data,
        WrapTtl = Request.WrapTtl,
        IsRootProtected = true,
        Now = Now,
    }).IsAllowed;

    /// <summary>
    /// The caller may do the same under another path: for backends whose names have several spellings, so that the one
    /// that is stored is decided too and not only the one that was sent.
    /// </summary>
    public bool IsAllowedAt(string path) => Acl is { } acl && acl.Decide(new AclRequest
    {
        Operation = Operation,
        Path = path,
        Data = Request.Data,
        WrapTtl = Request.WrapTtl,
        IsRootProtected = Match.Route.NeedsSudo(Operation),
        Now = Now,
    }).IsAllowed;

    /// <summary>
    /// Auth methods: after the commit and before the answer, ends the tokens that logins of this mount made and
    /// <paramref name="ended"/> picks (a credential was changed). Reads all tokens: for rare, administrative use.
    /// Batch tokens are not stored and live until their time is up.
    /// </summary>
    public void EndLogins(Func<TokenEntry, bool> ended) => EndedLogins = ended;

    /// <summary>What <see cref="IntendLeaseAsync"/> announced and the request has not handed out yet.</summary>
    internal LeaseEntry? IntendedLease { get; set; }

    /// <summary>
    /// Announces a leased secret, before an engine makes it in the outside world. If the request does not end in an
    /// answer with <see cref="VaultResponse.Secret"/> (error, conflict, crash), the engine's
    /// <see cref="IRevokesLeases.RevokeAsync"/> is called with <paramref name="internalData"/>: it must name what to undo,
    /// and undoing what was never made must succeed. Once per run of the handler.
    /// </summary>
    public ValueTask IntendLeaseAsync(JsonData internalData) => Vault.Leases.IntendAsync(this, internalData);

    public FieldReader Fields => new(Match, Request.Data);

    public Operation Operation => Request.Operation;

    /// <summary>A captured segment that the matched pattern is known to have.</summary>
    public string Capture(string name) =>
        Match.Capture(name) ?? throw new InvalidOperationException($"route '{Match.Route.Pattern}' captures no '{name}'");

    /// <summary>
    /// The same request as another mount sees it: its <see cref="Storage"/>, in the same transaction. For kernel rooms that
    /// ask a backend about something it issued earlier.
    /// </summary>
    internal RequestContext At(Mount mount) => new()
    {
        Request = Request,
        Vault = Vault,
        Namespace = Namespace,
        Mount = mount,
        Match = Match,
        Path = Path,
        IsRouted = IsRouted,
        RelativePath = RelativePath,
        Cancellation = Cancellation,
        Now = Now,
        Token = Token,
        Acl = Acl,
        IdentityPolicies = IdentityPolicies,
        Decision = Decision,
        Transaction = Transaction,
    };

    /// <summary>
    /// Starts work of this mount beside requests, once the request has committed. A failure is logged under
    /// <paramref name="name"/>; sealing stops and awaits it.
    /// </summary>
    public void StartBeside(string name, Func<MountWork, CancellationToken, Task> work)
    {
        var own = new MountWork(Vault.Barrier, Mount);
        AfterCommit(() => Vault.Background.Start(name, stop => work(own, stop)));
    }

    /// <summary>Runs <paramref name="action"/> after the commit and before the answer: the place to swap a cache.</summary>
    public void AfterCommit(Action action) => Transaction.AfterCommit(action);

    /// <summary>
    /// One page of a listing: <c>after</c> (exclusive, may name no existing key) and <c>limit</c> (absent = all) of the
    /// request applied to sorted keys.
    /// </summary>
    public (string After, int Limit) Page()
    {
        string after = Fields.Text("after") ?? "";
        int limit = Fields.Whole("limit") switch
        {
            null => int.MaxValue,
            > 0 and <= int.MaxValue and var n => (int)n,
            _ => throw RequestRefused.BadRequest(string.Create(CultureInfo.InvariantCulture, $"'limit' must be between 1 and {int.MaxValue}")),
        };
        return (after, limit);
    }
}
