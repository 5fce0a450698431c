using System.Diagnostics.Tracing;

namespace Candlefish.Secrets;

/// <summary>
/// The library's log: paths, names and error numbers, never a value. Read it with an <see cref="EventListener"/> on
/// <c>Candlefish-Secrets</c>.
/// </summary>
[EventSource(Name = SourceName)]
internal sealed class SecretsEventSource : EventSource
{
    internal const string SourceName = "Candlefish-Secrets";

    internal static readonly SecretsEventSource Log = new();

    private SecretsEventSource()
    {
    }

    [Event(1, Level = EventLevel.Informational, Message = "Secret loaded from file: {0}")]
    public void SecretLoaded(string path) => WriteEvent(1, path);

    [Event(2, Level = EventLevel.Informational, Message = "Secret key loaded from file: {0}")]
    public void SecretKeyLoaded(string path) => WriteEvent(2, path);

    [Event(3, Level = EventLevel.Informational, Message = "Secret key derived for domain: {0}")]
    public void SecretKeyDerived(string domain) => WriteEvent(3, domain);

    [Event(4, Level = EventLevel.Warning, Message = "Secret not loaded: {0}")]
    public void LoadFailed(string error) => WriteEvent(4, error);

    [Event(
        5,
        Level = EventLevel.Warning,
        Message = "Secret read from environment variable {0}: it is visible in process listings. Move it to a file with mode 0600.")]
    public void EnvironmentUsed(string name) => WriteEvent(5, name);

    [Event(
        6,
        Level = EventLevel.Warning,
        Message = "The system refused a protection of secret memory: {0} (errno {1}). Raise LimitMEMLOCK or see docs/library.md.")]
    public void ProtectionDegraded(string protection, int systemError) => WriteEvent(6, protection, systemError);

    [Event(7, Level = EventLevel.Warning, Message = "File permissions are not checked on this system: {0}")]
    public void PermissionsUnchecked(string path) => WriteEvent(7, path);
}
