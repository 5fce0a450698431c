using System.Security.Cryptography;

namespace Candlefish.Secrets.Client;

/// <summary>
/// Which outcomes are worth another attempt, and after which pause. A call that may have changed
/// something is repeated only when it certainly did not reach the server, or when the server says
/// that it did nothing (412: index not reached yet; 429: quota).
/// </summary>
public static class RetryRule
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether an answer with this status should be asked for again.</summary>
    /// <param name="call">The call that was made.</param>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="isSealed">The body says that the server is sealed: waiting a second does not unseal it.</param>
    public static bool Repeats(VaultCall call, int status, bool isSealed)
    {
        ArgumentNullException.ThrowIfNull(call);
        return status switch
        {
            412 or 429 => true,
            502 or 503 or 504 => call.IsRead && !isSealed && !call.Path.StartsWith("sys/health", StringComparison.Ordinal),
            _ => false,
        };
    }

    /// <summary>
    /// The pause before attempt <paramref name="attempt"/> + 1: 200 ms, doubled each time, half of it
    /// random so that many clients do not come back at once; at most 5 s.
    /// </summary>
    public static TimeSpan Pause(int attempt, TimeSpan? retryAfter)
    {
        var ceiling = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, attempt - 1), 5000);
        var pause = TimeSpan.FromMilliseconds((ceiling / 2) + RandomNumberGenerator.GetInt32((int)(ceiling / 2) + 1));
        return retryAfter is { } asked && asked > pause && asked <= TimeSpan.FromSeconds(10) ? asked : pause;
    }
}
