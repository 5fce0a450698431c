using Candlefish.Secrets.Server.Configuration;

namespace Candlefish.Secrets.Server;

/// <summary>The listener that a connection came through, as its requests see it (a connection feature).</summary>
internal sealed class Listener(ListenerConfiguration configuration)
{
    public bool IsTls => configuration.Tls is not null;

    public long MaxBodyBytes => configuration.MaxBodyBytes;

    public TimeSpan MaxRequestDuration => configuration.MaxRequestDuration;
}
