namespace Candlefish.Secrets.Builtin.Auth.Userpass;

/// <summary>
/// Lets few password hashes be computed at once and a bounded number wait, so that a flood of logins costs neither the
/// memory of the host (64 MiB each) nor the processors that other requests need. Thread-safe.
/// </summary>
/// <param name="atOnce">Computations side by side.</param>
/// <param name="waiting">Callers that may wait; more are turned away.</param>
internal sealed class HashingGate(int atOnce, int waiting) : IDisposable
{
    /// <summary>At 0.1 s per hash, the last of them waits about 6 s.</summary>
    private const int WaitingPerSlot = 64;

    /// <summary>The gate of this process. All mounts share it, as they share the memory: at most 8 × 64 MiB.</summary>
    public static readonly HashingGate Shared = new(Slots, Slots * WaitingPerSlot);

    private static int Slots => Math.Clamp(Environment.ProcessorCount - 1, 1, 8);

    private readonly SemaphoreSlim _slots = new(atOnce, atOnce);
    private int _inside;

    /// <summary>Runs <paramref name="work"/> in its turn. False: too many are waiting, nothing was done.</summary>
    public async ValueTask<(bool IsDone, T? Result)> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _inside) > atOnce + waiting)
        {
            Interlocked.Decrement(ref _inside);
            return (false, default);
        }
        try
        {
            await _slots.WaitAsync(cancellation);
            try
            {
                return (true, work());
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public void Dispose() => _slots.Dispose();
}
