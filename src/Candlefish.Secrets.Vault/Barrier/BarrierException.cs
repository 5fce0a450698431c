namespace Candlefish.Secrets.Vault.Barrier;

/// <summary>
/// Stored bytes could not be authenticated: wrong key, flipped bits, truncated, or moved from another key.
/// One type and one text for every cause, so that nothing can be learned from the difference.
/// </summary>
public sealed class BarrierException : Exception
{
    public BarrierException(string storageKey)
        : base($"the stored value of '{storageKey}' cannot be authenticated: it was changed outside this server or belongs to another key; restore it from a backup")
    {
    }

    public BarrierException()
        : base("the key ring cannot be authenticated: the key is wrong, or the stored key ring was changed outside this server")
    {
    }
}
