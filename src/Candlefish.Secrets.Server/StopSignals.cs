using System.Runtime.InteropServices;

namespace Candlefish.Secrets.Server;

/// <summary>SIGTERM and SIGINT ask the process to stop; SIGHUP asks it to read its files again.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _hangUp;
    private volatile Action? _reload;

    public StopSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
    }

    public async Task StopRequestedAsync(CancellationToken cancellation)
    {
        await using CancellationTokenRegistration registration = cancellation.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), _stop);
        await _stop.Task;
    }

    /// <summary>From now on SIGHUP calls <paramref name="reload"/>; before, it does nothing.</summary>
    public void OnReload(Action reload) => _reload = reload;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
        _hangUp.Dispose();
    }

    private void Reload(PosixSignalContext context)
    {
        context.Cancel = true;
        _reload?.Invoke();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.TrySetResult();
    }
}
