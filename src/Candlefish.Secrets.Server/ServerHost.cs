using Candlefish.Secrets.Builtin;
using Candlefish.Secrets.Builtin.Storage.Sqlite;
using Candlefish.Secrets.Server.Configuration;
using Candlefish.Secrets.Server.Logging;
using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Metrics;
using Candlefish.Secrets.Vault.Storage;

namespace Candlefish.Secrets.Server;

/// <summary>Starts the server: the whole process (<see cref="RunAsync"/>), or one that a caller stops (<see cref="StartAsync"/>).</summary>
public static class ServerHost
{
    /// <summary>
    /// Runs until SIGTERM, SIGINT or <paramref name="cancellation"/>; then lets running requests finish, seals and closes
    /// the storage.
    /// </summary>
    /// <returns>
    /// Exit code: 0 after a graceful stop, 1 when the server could not start, or ended itself because its storage can no
    /// longer keep writes.
    /// </returns>
    public static async Task<int> RunAsync(ServerStart start, CancellationToken cancellation)
    {
        using var signals = new StopSignals();
        RunningServer server;
        try
        {
            server = await StartAsync(start, cancellation);
        }
        catch (ServerStartException e)
        {
            foreach (string line in e.Message.Split('\n'))
                await start.Error.WriteLineAsync($"error: {line}");
            return 1;
        }
        await using (server)
        using (new DegradedMemoryWarning(server.Log))
        {
            if (start.Development is not null)
                await DevelopmentMode.AnnounceAsync(server, start.Output);
            signals.OnReload(server.Reload);
            Task first = await Task.WhenAny(signals.StopRequestedAsync(cancellation), server.Node.StorageLost);
            server.Log.Write(VaultLogLevel.Info, "stopping: running requests may finish");
            await server.StopAsync();
            return first == server.Node.StorageLost ? 1 : 0;
        }
    }

    /// <summary>Starts and returns once the server listens. The caller disposes the handle.</summary>
    /// <exception cref="ServerStartException">Configuration, storage, certificate or address cannot be used.</exception>
    public static async Task<RunningServer> StartAsync(ServerStart start, CancellationToken cancellation)
    {
        MinimumRuntime.Check();
        ServerConfiguration configuration = start.Development is { } development
            ? DevelopmentMode.Configuration(development, start)
            : ConfigurationLoader.Load(start);
        var log = new ServerLog(start.Error, start.Time, configuration.LogLevel);
        foreach (string warning in configuration.Warnings)
            log.Write(VaultLogLevel.Warning, warning);
        IStorage storage = await OpenStorageAsync(configuration.Storage, cancellation);
        var metrics = new VaultMetrics();
        var environment = new VaultEnvironment(configuration.ToVaultOptions(), Builtins.Backends(), Builtins.AuditDevices(), start.Time, log, metrics);
        VaultNode node = await OpenNodeAsync(storage, environment, cancellation);
        var server = new RunningServer(start, configuration, node, log);
        try
        {
            if (start.Development is { } options)
                await DevelopmentMode.PrepareAsync(server, options, cancellation);
            await server.ListenAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static async ValueTask<VaultNode> OpenNodeAsync(IStorage storage, VaultEnvironment environment, CancellationToken cancellation)
    {
        try
        {
            return await VaultNode.OpenAsync(storage, environment, cancellation);
        }
        catch (Exception e)
        {
            await storage.DisposeAsync();
            throw e is StorageException ? new ServerStartException(e.Message, e) : e;
        }
    }

    private static async ValueTask<IStorage> OpenStorageAsync(StorageConfiguration storage, CancellationToken cancellation)
    {
        if (storage.Type == StorageConfiguration.InMemory)
            return new InMemoryStorage();
        try
        {
            return await SqliteStorage.OpenAsync(storage.Path, cancellation);
        }
        catch (StorageException e)
        {
            throw new ServerStartException(e.Message, e);
        }
    }
}
