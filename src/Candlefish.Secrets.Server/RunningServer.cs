using System.Net.Sockets;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Server.Logging;
using Candlefish.Secrets.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Candlefish.Secrets.Server;

/// <summary>A started server: its node, its addresses, and the way to stop it.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly FrontDoor _door;
    private readonly ServerStart _start;
    private ListenerBinding? _binding;
    private PidFile? _pidFile;
    private WebApplication? _web;
    private bool _isStopped;

    internal RunningServer(ServerStart start, ServerConfiguration configuration, VaultNode node, ServerLog log)
    {
        _start = start;
        Configuration = configuration;
        Node = node;
        Log = log;
        _door = new FrontDoor(node, configuration, log);
    }

    public VaultNode Node { get; }

    /// <summary>One address per API listener, with the port that was bound.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Root token of a development server; <see langword="null"/> otherwise.</summary>
    public string? RootToken { get; internal set; }

    /// <summary>Unseal key (base64) of a development server; <see langword="null"/> otherwise.</summary>
    public string? UnsealKey { get; internal set; }

    /// <summary>Requests that are being answered.</summary>
    public int RunningRequests => _door.RunningRequests;

    /// <summary>Bytes lent to large request bodies.</summary>
    public long LentBodyBytes => _door.LentBodyBytes;

    internal ServerConfiguration Configuration { get; }

    internal ServerLog Log { get; }

    /// <summary>SIGHUP: reads certificates and the log level again, and opens the audit files again. What cannot be read is reported, and nothing changes.</summary>
    public void Reload()
    {
        Log.Write(VaultLogLevel.Info, "reloading certificates and log level, opening audit files again");
        _binding?.ReloadCertificates();
        Node.ReopenAudit();
        if (_start.Development is not null)
            return;
        try
        {
            Log.Level = ConfigurationLoader.Load(_start).LogLevel;
        }
        catch (ServerStartException e)
        {
            Log.Write(VaultLogLevel.Error, $"the configuration cannot be read again and stays as it was: {e.Message}");
        }
    }

    /// <summary>Stops accepting, waits for running requests, seals, closes the storage. Safe to call twice.</summary>
    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        if (_web is { } web)
        {
            await StopListeningAsync(web);
            await web.DisposeAsync();
        }
        _binding?.Dispose();
        await Node.DisposeAsync();
        _pidFile?.Dispose();
        Log.Write(VaultLogLevel.Info, "stopped");
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StopListeningAsync(WebApplication web)
    {
        using var limit = new CancellationTokenSource(Configuration.StopTimeout);
        try
        {
            await web.StopAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Log.Write(VaultLogLevel.Warning, $"requests that ran longer than {Configuration.StopTimeout.TotalSeconds:0} s after the stop were cut off (shutdown_timeout)");
        }
    }

    /// <summary>Binds every listener.</summary>
    internal async Task ListenAsync(CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(new KestrelLogProvider(Log)).SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Configuration.StopTimeout);
        _binding = new ListenerBinding(builder, Configuration, _start.Time, Log);
        _web = builder.Build();
        _door.AttachTo(_web);
        try
        {
            await _web.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new ServerStartException($"cannot listen on {string.Join(" or ", Configuration.Listeners.Select(l => l.Address))}: {e.Message}", e);
        }
        Addresses = _binding.BoundAddresses();
        _pidFile = PidFile.Write(Configuration.PidFile);
        foreach (string description in _binding.Descriptions())
            Log.Write(VaultLogLevel.Info, $"listening on {description}");
    }
}
