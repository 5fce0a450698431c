using Candlefish.Secrets.Native;

namespace Candlefish.Secrets;

/// <summary>
/// The state of all secret memory of this process: how much there is, which protections the system refused, and the
/// switch that zeroes everything at shutdown. Thread-safe.
/// </summary>
/// <remarks>
/// A refused protection never fails an allocation. It is counted here, and the first refusal of each kind raises
/// <see cref="ProtectionDegraded"/> once and writes one warning to the event source <c>Candlefish-Secrets</c>.
/// </remarks>
public static class SecretMemory
{
    private const int Kinds = (int)SecretProtection.Hardened + 1;

    private static readonly long[] Refusals = new long[Kinds];
    private static readonly int[] Announced = new int[Kinds];
    private static readonly int[] Errors = new int[Kinds];

    /// <summary>
    /// Raised once per kind of protection, on the thread that allocated. Subscribe early, or read
    /// <see cref="DegradedCount"/>: a refusal before the subscription is not raised again.
    /// </summary>
    public static event EventHandler<ProtectionDegradedEventArgs>? ProtectionDegraded;

    /// <summary>Number of buffers that are alive.</summary>
    public static int LiveBuffers => SecretHeap.Live(out _).Count;

    /// <summary>Bytes of memory pages held for secrets, used or not.</summary>
    public static long MappedBytes
    {
        get
        {
            _ = SecretHeap.Live(out long mapped);
            return mapped;
        }
    }

    /// <summary>How often the system refused this protection since the process started.</summary>
    public static long DegradedCount(SecretProtection protection) => Interlocked.Read(ref Refusals[Index(protection)]);

    /// <summary>
    /// Zeroes and disposes every live buffer, secret and key of the process. A use that is under way ends first; later
    /// uses throw <see cref="ObjectDisposedException"/>. Called by itself at process exit; hosts also call it when
    /// they stop.
    /// </summary>
    public static void ReleaseAll() => SecretHeap.ReleaseAll();

    internal static void ReportDegraded(SecretProtection protection, int error)
    {
        int index = Index(protection);
        Interlocked.CompareExchange(ref Errors[index], error, 0);
        Interlocked.Increment(ref Refusals[index]);
    }

    /// <summary>Raises what <see cref="ReportDegraded"/> noted, outside every lock.</summary>
    internal static void AnnounceDegraded()
    {
        for (int i = 0; i < Kinds; i++)
        {
            if (Volatile.Read(ref Refusals[i]) > 0 && Interlocked.Exchange(ref Announced[i], 1) == 0)
            {
                var protection = (SecretProtection)i;
                SecretsEventSource.Log.ProtectionDegraded(protection.ToString(), Errors[i]);
                ProtectionDegraded?.Invoke(null, new ProtectionDegradedEventArgs(protection, Errors[i]));
            }
        }
    }

    private static int Index(SecretProtection protection)
    {
        int index = (int)protection;
        if (index is < 0 or >= Kinds)
        {
            throw new ArgumentOutOfRangeException(nameof(protection));
        }

        return index;
    }
}
