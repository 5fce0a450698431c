using Candlefish.Secrets.Vault;

namespace Candlefish.Secrets.Server.Logging;

/// <summary>Says once when the system refuses to lock or hide secret memory, as long as it lives.</summary>
internal sealed class DegradedMemoryWarning : IDisposable
{
    private readonly IVaultLog _log;

    public DegradedMemoryWarning(IVaultLog log)
    {
        _log = log;
        foreach (SecretProtection protection in Enum.GetValues<SecretProtection>())
        {
            if (SecretMemory.DegradedCount(protection) > 0)
                Warn(protection);
        }
        SecretMemory.ProtectionDegraded += OnDegraded;
    }

    public void Dispose() => SecretMemory.ProtectionDegraded -= OnDegraded;

    private void OnDegraded(object? sender, ProtectionDegradedEventArgs e) => Warn(e.Protection);

    private void Warn(SecretProtection protection) => _log.Write(
        VaultLogLevel.Warning,
        protection == SecretProtection.Locked
            ? "the system refuses to lock all secret memory, some may reach the swap: raise the limit of locked memory (LimitMEMLOCK, ulimit -l)"
            : $"the system refuses the protection {protection} of secret memory: the vault works without it");
}
