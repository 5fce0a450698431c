using System.Net;
using System.Net.Sockets;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Server.Logging;
using Candlefish.Secrets.Server.Tls;
using Candlefish.Secrets.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Candlefish.Secrets.Server;

/// <summary>
/// Configures Kestrel with the listeners: addresses, limits, TLS. Nothing is read from ASPNETCORE_* variables or
/// appsettings files. Disposing ends the watch over certificates.
/// </summary>
internal sealed class ListenerBinding : IDisposable
{
    private const int MaxHeaderBytes = 32 * 1024;
    private const int MaxRequestLineBytes = 16 * 1024;
    private const int MaxStreamsPerConnection = 100;

    // Read ahead of the application per connection: many stalled clients must not hold much memory.
    private const int MaxReadAheadBytes = MaxHeaderBytes;

    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    // A lone line feed ends no line (RFC 9112 §2.2 allows it; proxies that disagree about it let requests be smuggled).
    static ListenerBinding() => AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

    private readonly List<(ListenOptions Options, Listener Listener)> _bound = [];
    private readonly List<TlsIdentity> _identities = [];
    private readonly ServerConfiguration _configuration;
    private readonly ServerLog _log;

    /// <exception cref="ServerStartException">A certificate cannot be used, or a host name does not resolve.</exception>
    public ListenerBinding(WebApplicationBuilder builder, ServerConfiguration configuration, TimeProvider time, ServerLog log)
    {
        _configuration = configuration;
        _log = log;
        List<Action<KestrelServerOptions>> listeners = [];
        try
        {
            foreach (ListenerConfiguration listener in configuration.Listeners)
                Prepare(listener, time, listeners);
        }
        catch
        {
            Dispose();
            throw;
        }
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(sockets => sockets.MaxReadBufferSize = MaxReadAheadBytes);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel);
            foreach (Action<KestrelServerOptions> bind in listeners)
                bind(kestrel);
        });
    }

    /// <summary>Addresses of the API listeners, with the ports that were bound.</summary>
    public IReadOnlyList<Uri> BoundAddresses() => [.. _bound.Where(b => !b.Listener.IsClusterPort).Select(b => AddressOf(b.Options, b.Listener))];

    /// <summary>What was bound, for the log: <c>0.0.0.0:8200 (TLS)</c>.</summary>
    public IEnumerable<string> Descriptions() =>
        _bound.Select(b => $"{b.Options.IPEndPoint} ({(b.Listener.IsTls ? "TLS" : "plain HTTP")}{(b.Listener.IsClusterPort ? ", cluster port" : "")})");

    /// <summary>Reads the certificates again; one that cannot be used is reported and the old one stays.</summary>
    public void ReloadCertificates()
    {
        foreach (TlsIdentity identity in _identities)
            identity.Reload();
    }

    public void Dispose()
    {
        foreach (TlsIdentity identity in _identities)
            identity.Dispose();
    }

    private static Uri AddressOf(ListenOptions options, Listener listener)
    {
        IPEndPoint end = options.IPEndPoint ?? new IPEndPoint(IPAddress.Loopback, 0);
        return new UriBuilder(listener.IsTls ? "https" : "http", ListenAddress.ClientHost(end.Address), end.Port).Uri;
    }

    private void Prepare(ListenerConfiguration listener, TimeProvider time, List<Action<KestrelServerOptions>> bindings)
    {
        TlsIdentity? identity = listener.Tls is { } tls ? TlsIdentity.Load(tls, time, _log) : null;
        if (identity is not null)
            _identities.Add(identity);
        IReadOnlyList<IPEndPoint> ends = listener.Address.Resolve();
        bindings.Add(kestrel => Bind(kestrel, ends, new Listener(listener, isClusterPort: false), identity));
        if (ClusterEnds(listener) is { } cluster)
            bindings.Add(kestrel => Bind(kestrel, cluster, new Listener(listener, isClusterPort: true), identity));
    }

    private void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        // Bodies are bounded per listener by RequestBody, which answers 413 in the form of the API.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxRequestBufferSize = MaxReadAheadBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        kestrel.Limits.RequestHeadersTimeout = _configuration.Listeners.Min(l => l.HeaderTimeout);
        kestrel.Limits.KeepAliveTimeout = _configuration.Listeners.Min(l => l.IdleTimeout);
        kestrel.Limits.MaxConcurrentConnections = _configuration.MaxConnections;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
    }

    private void Bind(KestrelServerOptions kestrel, IReadOnlyList<IPEndPoint> ends, Listener listener, TlsIdentity? identity)
    {
        foreach (IPEndPoint end in ends)
        {
            kestrel.Listen(end, options =>
            {
                options.Protocols = identity is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                options.Use(next => connection =>
                {
                    connection.Features.Set(listener);
                    return next(connection);
                });
                if (identity is not null)
                {
                    options.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        HandshakeTimeout = HandshakeTimeout,
                        OnConnection = _ => ValueTask.FromResult(identity.Current),
                    });
                }
                _bound.Add((options, listener));
            });
        }
    }

    // The standard port (API port + 1) is given up when something else has it; a configured one is not.
    private IReadOnlyList<IPEndPoint>? ClusterEnds(ListenerConfiguration listener)
    {
        if (!_configuration.OpensClusterPort)
            return null;
        if (listener.ClusterAddress is { } configured)
            return configured.Resolve();
        if (listener.Address.Port is 0 or ushort.MaxValue)
            return null;
        IReadOnlyList<IPEndPoint> ends = [.. listener.Address.Resolve().Select(e => new IPEndPoint(e.Address, e.Port + 1))];
        if (ends.All(IsFree))
            return ends;
        _log.Write(VaultLogLevel.Warning, $"the cluster port {ends[0].Port} is in use: it stays closed; set cluster_address to choose another");
        return null;
    }

    private static bool IsFree(IPEndPoint end)
    {
        using var probe = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(end);
            return true;
        }
        catch (SocketException e)
        {
            // Any other trouble with the address is reported when the API port is bound.
            return e.SocketErrorCode != SocketError.AddressAlreadyInUse;
        }
    }
}
