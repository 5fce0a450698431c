using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Server.Logging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Candlefish.Secrets.Server;

/// <summary>Configures Kestrel with the listeners: addresses, limits, TLS. Nothing is read from ASPNETCORE_* variables.</summary>
internal sealed class ListenerBinding
{
    private const int MaxHeaderBytes = 32 * 1024;
    private const int MaxRequestLineBytes = 16 * 1024;

    private readonly List<(ListenOptions Options, Listener Listener)> _bound = [];

    public ListenerBinding(WebApplicationBuilder builder, ServerConfiguration configuration, ServerLog log)
    {
        _ = log;
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;
            // Bodies are bounded per listener by RequestBody, which answers 413 in the form of the API.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
            kestrel.Limits.RequestHeadersTimeout = configuration.Listeners[0].HeaderTimeout;
            kestrel.Limits.KeepAliveTimeout = configuration.Listeners[0].IdleTimeout;
            kestrel.Limits.MaxConcurrentConnections = configuration.MaxConnections;
            foreach (ListenerConfiguration listener in configuration.Listeners)
                Bind(kestrel, listener);
        });
    }

    public IReadOnlyList<Uri> BoundAddresses() => [.. _bound.Select(b => new UriBuilder(
        b.Listener.IsTls ? "https" : "http",
        b.Options.IPEndPoint is { } end ? ListenAddress.ClientHost(end.Address) : "127.0.0.1",
        b.Options.IPEndPoint?.Port ?? 0).Uri)];

    private void Bind(KestrelServerOptions kestrel, ListenerConfiguration configuration)
    {
        var listener = new Listener(configuration);
        foreach (System.Net.IPEndPoint end in configuration.Address.Resolve())
        {
            kestrel.Listen(end, options =>
            {
                options.Protocols = HttpProtocols.Http1;
                options.Use(next => connection =>
                {
                    connection.Features.Set(listener);
                    return next(connection);
                });
                _bound.Add((options, listener));
            });
        }
    }
}
