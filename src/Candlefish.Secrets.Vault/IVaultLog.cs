namespace Candlefish.Secrets.Vault;

/// <summary>The operational log, not the audit trail. Messages never hold secret values, tokens or bodies.</summary>
public interface IVaultLog
{
    void Write(VaultLogLevel level, string message, Exception? exception = null);
}

public enum VaultLogLevel
{
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>Drops everything.</summary>
public sealed class SilentLog : IVaultLog
{
    public static readonly SilentLog Instance = new();

    public void Write(VaultLogLevel level, string message, Exception? exception = null)
    {
    }
}
