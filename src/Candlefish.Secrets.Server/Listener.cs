using Candlefish.Secrets.Server.Configuration;

namespace Candlefish.Secrets.Server;

/// <summary>The listener that a connection came through, as its requests see it (a connection feature). Immutable.</summary>
internal sealed class Listener
{
    private static readonly KeyValuePair<string, string>[] NoHeaders = [];

    private readonly ListenerConfiguration _configuration;

    public Listener(ListenerConfiguration configuration, bool isClusterPort)
    {
        _configuration = configuration;
        IsClusterPort = isClusterPort;
    }

    public bool IsTls => _configuration.Tls is not null;

    /// <summary>Other nodes ask here for health and leadership; nothing else is answered.</summary>
    public bool IsClusterPort { get; }

    public long MaxBodyBytes => _configuration.MaxBodyBytes;

    public TimeSpan MaxRequestDuration => _configuration.MaxRequestDuration;

    public ForwardedForConfiguration? ForwardedFor => _configuration.ForwardedFor;

    /// <summary>The configured headers of answers with this status: <c>default</c>, then its class, then itself; later ones win.</summary>
    public IEnumerable<KeyValuePair<string, string>> HeadersOf(int status)
    {
        if (_configuration.ResponseHeaders.Count == 0)
            return NoHeaders;
        string exact = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Of("default").Concat(Of(exact[0] + "xx")).Concat(Of(exact));
    }

    private IReadOnlyList<KeyValuePair<string, string>> Of(string key) => _configuration.ResponseHeaders.GetValueOrDefault(key) ?? NoHeaders;
}
