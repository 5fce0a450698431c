using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>Environment variables of the server. They win over the file.</summary>
internal static class EnvironmentOverrides
{
    public const string MaxRequestSize = "VAULT_MAX_REQUEST_SIZE";
    public const string MaxRequestDuration = "VAULT_MAX_REQUEST_DURATION";
    public const string LogLevel = "LOG_LEVEL";
    public const string EnvironmentName = "CANDLEFISH_ENV";
    public const string ReportedVersion = "CANDLEFISH_REPORTED_VERSION";

    /// <exception cref="ServerStartException">A variable holds something else than it should.</exception>
    public static ServerConfiguration Apply(ServerConfiguration configuration, Func<string, string?> environment)
    {
        ServerConfiguration result = configuration with
        {
            ApiAddress = Set(environment("VAULT_API_ADDR")) ?? configuration.ApiAddress,
            ClusterAddress = Set(environment("VAULT_CLUSTER_ADDR")) ?? configuration.ClusterAddress,
            ReportedVersion = Set(environment(ReportedVersion)) ?? configuration.ReportedVersion,
        };
        if (Set(environment(LogLevel)) is { } level)
            result = result with { LogLevel = LogLevelOf(level) ?? throw Wrong(LogLevel, "DEBUG, INFO, WARNING or ERROR") };
        if (Set(environment(EnvironmentName)) is { } name)
        {
            result = result with
            {
                EnvironmentName = ServerConfiguration.EnvironmentNames.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase))
                    ?? throw Wrong(EnvironmentName, string.Join(", ", ServerConfiguration.EnvironmentNames)),
            };
        }
        if (Set(environment(MaxRequestSize)) is { } size)
        {
            if (!ByteSize.TryParse(size, out long bytes) || bytes is <= 0 or > 1024L * 1024 * 1024)
                throw Wrong(MaxRequestSize, "a size such as 128MB, at most 1GB");
            result = result with { Listeners = [.. result.Listeners.Select(l => l with { MaxBodyBytes = bytes })] };
        }
        if (Set(environment(MaxRequestDuration)) is { } duration)
        {
            if (!WireTime.TryParseDuration(duration, out TimeSpan limit) || limit <= TimeSpan.Zero)
                throw Wrong(MaxRequestDuration, "a duration such as 30s");
            result = result with { Listeners = [.. result.Listeners.Select(l => l with { MaxRequestDuration = limit })] };
        }
        return result;
    }

    /// <summary><see langword="null"/> when the word is unknown.</summary>
    public static VaultLogLevel? LogLevelOf(string text) => text.ToUpperInvariant() switch
    {
        "TRACE" or "DEBUG" => VaultLogLevel.Debug,
        "INFO" or "NOTICE" => VaultLogLevel.Info,
        "WARN" or "WARNING" => VaultLogLevel.Warning,
        "ERR" or "ERROR" => VaultLogLevel.Error,
        _ => null,
    };

    private static string? Set(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static ServerStartException Wrong(string name, string expected) => new($"environment variable {name}: expected {expected}");
}
