using System.Runtime.InteropServices;

namespace Candlefish.Secrets.Server;

/// <summary>SIGTERM and SIGINT ask the process to stop; SIGHUP asks it to read its files again.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    public StopSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    }

    public async Task StopRequestedAsync(CancellationToken cancellation)
    {
        await using CancellationTokenRegistration registration = cancellation.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), _stop);
        await _stop.Task;
    }

    public IDisposable OnReload(Action reload) => PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        context.Cancel = true;
        reload();
    });

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.TrySetResult();
    }
}
