namespace Candlefish.Secrets;

/// <summary>Tells which protection of secret memory the system refused, for the first time in this process.</summary>
public sealed class ProtectionDegradedEventArgs : EventArgs
{
    internal ProtectionDegradedEventArgs(SecretProtection protection, int systemError)
    {
        Protection = protection;
        SystemError = systemError;
    }

    /// <summary>The protection that is missing.</summary>
    public SecretProtection Protection { get; }

    /// <summary>The error number of the system (errno); 0 when the platform has no such call.</summary>
    public int SystemError { get; }
}
