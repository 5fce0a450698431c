using System.Collections.Concurrent;

namespace Candlefish.Secrets;

/// <summary>The obsolete source: warns once per variable and copies the value.</summary>
internal static class EnvironmentSecret
{
    private static readonly ConcurrentDictionary<string, bool> Warned = new(StringComparer.Ordinal);

    internal static Secret Load(string name) => SecretFile.Logged(() =>
    {
        if (string.IsNullOrEmpty(name) || name.AsSpan().ContainsAny('=', '\0'))
        {
            throw SecretException.PathValidationFailed("environment variable name is empty or has '=' or NUL");
        }

#pragma warning disable RS0030 // This is the obsolete loader itself.
        string? value = Environment.GetEnvironmentVariable(name);
#pragma warning restore RS0030
        if (value is null)
        {
            throw SecretException.EnvironmentNotSet(name);
        }

        if (string.IsNullOrWhiteSpace(value))
        {
            throw SecretException.InvalidFormat("empty value");
        }

        if (Warned.TryAdd(name, true))
        {
            SecretsEventSource.Log.EnvironmentUsed(name);
        }

        return Secret.FromText(value);
    });
}
