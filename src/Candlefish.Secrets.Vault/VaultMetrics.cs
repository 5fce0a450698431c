using System.Diagnostics.Metrics;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault;

/// <summary>Counters and timings of the kernel, published through <see cref="Meter"/> <c>Candlefish.Secrets.Vault</c>.</summary>
public sealed class VaultMetrics : IDisposable
{
    private readonly Meter _meter = new("Candlefish.Secrets.Vault");
    private readonly Histogram<double> _requests;

    public VaultMetrics() => _requests = _meter.CreateHistogram<double>("vault.core.handle_request", "ms", "Time to handle one request.");

    public void RequestHandled(RequestContext context, VaultResponse response, TimeSpan elapsed) => _requests.Record(elapsed.TotalMilliseconds);

    public void Dispose() => _meter.Dispose();
}
