namespace Candlefish.Secrets.Vault.Requests;

/// <summary>
/// Lines up requests whose writes collide. Without it, many writers of one key spend their attempts on each other: one
/// commit per round goes through, and the rest are refused although storage could take them all.
/// </summary>
/// <remarks>
/// Only an order, never a lock that correctness needs: the versions that a commit expects decide. So waiting is bounded,
/// paths share gates, and another node knows nothing of this one. Thread-safe; uncontended requests do not enter.
/// </remarks>
internal sealed class ConflictGate
{
    private const int Gates = 256;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly int[] _inside = new int[Gates];

    /// <summary>Somebody collided on this path and is not done yet: a new writer does better to line up at once.</summary>
    public bool IsCrowded(string path) => Volatile.Read(ref _inside[IndexOf(path)]) > 0;

    /// <summary>Waits for its turn; false = it took too long, go on without. True must be followed by <see cref="Leave"/>.</summary>
    public async ValueTask<bool> EnterAsync(string path, CancellationToken cancellation)
    {
        int index = IndexOf(path);
        Interlocked.Increment(ref _inside[index]);
        bool isIn = false;
        try
        {
            isIn = await _gates[index].WaitAsync(LongestWait, cancellation);
            return isIn;
        }
        finally
        {
            if (!isIn)
                Interlocked.Decrement(ref _inside[index]);
        }
    }

    public void Leave(string path)
    {
        int index = IndexOf(path);
        Interlocked.Decrement(ref _inside[index]);
        _gates[index].Release();
    }

    private static int IndexOf(string path) => (int)((uint)string.GetHashCode(path, StringComparison.Ordinal) % Gates);
}
