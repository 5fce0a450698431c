using Candlefish.Secrets.Vault.Barrier;
using Candlefish.Secrets.Vault.Leases;
using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// A secrets engine or an auth method: routes over its own slice of the barrier.
/// </summary>
/// <remarks>
/// One instance serves one mount, from many threads at once. State lives in storage; what an instance remembers is a
/// cache that it must be able to lose. Handlers read and write through <see cref="RequestContext.Storage"/> only, and
/// may run more than once for one request (a version conflict re-runs them): they must not keep effects outside it.
/// </remarks>
public interface IBackend
{
    RouteTable Routes { get; }

    /// <summary>
    /// Runs inside the transaction that creates the mount: writes what a new mount needs. Refuses wrong options with
    /// <see cref="RequestRefused"/>.
    /// </summary>
    ValueTask CreateAsync(Mount mount, BarrierView storage, CancellationToken cancellation) => ValueTask.CompletedTask;
}

/// <summary>A backend that hands out leased secrets.</summary>
public interface IRevokesLeases
{
    /// <summary>
    /// Extends the secret in the outside world. The kernel has capped <paramref name="increment"/> already.
    /// </summary>
    ValueTask RenewAsync(LeaseEntry lease, TimeSpan increment, BarrierView storage, CancellationToken cancellation);

    /// <summary>
    /// Undoes the secret. Must be idempotent: it is called again after a crash or a failure. Throwing means "try later".
    /// </summary>
    ValueTask RevokeAsync(LeaseEntry lease, BarrierView storage, CancellationToken cancellation);
}

/// <summary>
/// An auth method whose logins can be checked again when their token is renewed (the role is gone, the user was
/// disabled, another certificate is used).
/// </summary>
public interface IChecksRenewal
{
    /// <summary>Answers the terms for the renewed token, or refuses with <see cref="RequestRefused"/>.</summary>
    ValueTask<RenewalTerms> CheckRenewalAsync(Tokens.TokenEntry token, RequestContext context);
}

/// <summary>An auth method that takes several spellings for one user (letter case, spaces).</summary>
public interface INamesAliases
{
    /// <summary>
    /// The one spelling that logins give as <see cref="Tokens.LoginResult.AliasName"/>. Identity writes and looks up aliases
    /// of this mount under it. Refuses impossible names with <see cref="RequestRefused"/>.
    /// </summary>
    string CanonicalAlias(string name);
}

/// <summary>What a renewal may give: zero = the mount's own limits.</summary>
public sealed record RenewalTerms(TimeSpan Ttl, TimeSpan MaxTtl, TimeSpan Period, IReadOnlyList<string> Policies);
