namespace Candlefish.Secrets.Vault;

/// <summary>Work that runs beside requests. Owned by the unsealed vault: cancelled and awaited before the keys go.</summary>
internal sealed class BackgroundWork(IVaultLog log) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Starts <paramref name="work"/>. A failure is logged under <paramref name="name"/>.</summary>
    public void Start(string name, Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
                return;
            Task task = Task.Run(() => GuardAsync(name, work));
            _running.Add(task);
            _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            _stop.Cancel();
            running = [.. _running];
        }
        await Task.WhenAll(running);
        _stop.Dispose();
    }

    private async Task GuardAsync(string name, Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            log.Write(VaultLogLevel.Debug, $"{name} stopped");
        }
        catch (Exception e)
        {
            log.Write(VaultLogLevel.Error, $"{name} failed", e);
        }
    }

    private void Forget(Task task)
    {
        lock (_gate)
            _running.Remove(task);
    }
}
