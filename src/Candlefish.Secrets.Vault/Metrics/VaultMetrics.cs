using System.Collections.Concurrent;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Metrics;

/// <summary>
/// Counters and timings of a node under Vault's metric names (<c>vault.core.handle_request</c> …), in milliseconds.
/// Everything counts from the start of the process. Labels never hold names of secrets. Thread-safe.
/// </summary>
public sealed class VaultMetrics
{
    private readonly ConcurrentDictionary<string, Summary> _samples = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Summary> _counters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Mount, Operation Operation), Summary> _routes = new();
    private readonly Summary _requests;
    private readonly Summary _logins;

    public VaultMetrics()
    {
        _requests = _samples.GetOrAdd("vault.core.handle_request", static _ => new Summary());
        _logins = _samples.GetOrAdd("vault.core.handle_login_request", static _ => new Summary());
    }

    /// <summary>Timings by name, routes included (<c>vault.route.read.secret-</c>).</summary>
    public IEnumerable<KeyValuePair<string, Summary>> Samples =>
        _samples.Concat(_routes.Select(r => KeyValuePair.Create(RouteName(r.Key.Mount, r.Key.Operation), r.Value)))
            .Where(s => s.Value.Count > 0)
            .OrderBy(s => s.Key, StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, Summary>> Counters => _counters.OrderBy(c => c.Key, StringComparer.Ordinal);

    public void RequestHandled(RequestContext context, VaultResponse response, TimeSpan elapsed)
    {
        double milliseconds = elapsed.TotalMilliseconds;
        (response.Login is null ? _requests : _logins).Add(milliseconds);
        if (context.IsRouted)
            _routes.GetOrAdd((context.Mount.RoutePrefix, context.Operation), static _ => new Summary()).Add(milliseconds);
        if (response.Status >= 400)
            Count(response.Status >= 500 ? "vault.core.response_5xx" : "vault.core.response_4xx");
    }

    public void Count(string name, double by = 1) => _counters.GetOrAdd(name, static _ => new Summary()).Add(by);

    /// <summary>Records a duration in milliseconds.</summary>
    public void Time(string name, TimeSpan elapsed) => _samples.GetOrAdd(name, static _ => new Summary()).Add(elapsed.TotalMilliseconds);

    private static string RouteName(string mount, Operation operation) =>
        $"vault.route.{operation.ToString().ToLowerInvariant()}.{mount.Replace('/', '-')}";
}
