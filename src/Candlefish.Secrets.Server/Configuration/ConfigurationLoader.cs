using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Hcl;
using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>
/// Vault's server configuration → <see cref="ServerConfiguration"/>. Several files are merged in order: listeners add up,
/// everything else is replaced by the later file; then environment variables, then the rules of production.
/// </summary>
public static class ConfigurationLoader
{
    /// <exception cref="ServerStartException">One line: file, line, key, what was expected.</exception>
    public static ServerConfiguration Load(ServerStart start)
    {
        var warnings = new List<string>();
        var paths = new ConfigurationPaths(start.WorkingDirectory);
        ServerConfiguration? merged = null;
        foreach ((string file, HclBlock root) in ConfigurationFiles.Parse(start.ConfigurationPaths, start.WorkingDirectory))
            merged = Apply(merged ?? Nothing, new ConfigurationSection(root, file, "", warnings), paths);
        ServerConfiguration result = EnvironmentOverrides.Apply(merged ?? Nothing, start.Environment);
        if (result.Listeners.Count == 0)
            throw new ServerStartException("at least one listener must be configured: add listener \"tcp\" { address = \"127.0.0.1:8200\" … }");
        if (result.Storage.Type.Length == 0)
            throw new ServerStartException("a storage backend must be specified: add storage \"file\" { path = \"…\" }");
        if (result.Limits.DefaultLeaseTtl > result.Limits.MaxLeaseTtl)
            throw new ServerStartException("default_lease_ttl must not be greater than max_lease_ttl");
        if (result.AuditDirectory.Length == 0 && result.Storage.Type == StorageConfiguration.File)
            result = result with { AuditDirectory = Path.Join(result.Storage.Path, "audit") };
        ProductionRules.Check(result, warnings);
        return result with { Warnings = warnings };
    }

    private static readonly ServerConfiguration Nothing = new()
    {
        Listeners = [],
        Storage = new StorageConfiguration("", ""),
        OpensClusterPort = true,
    };

    private static ServerConfiguration Apply(ServerConfiguration before, ConfigurationSection top, ConfigurationPaths paths)
    {
        ServerConfiguration after = before with
        {
            Listeners = [.. before.Listeners, .. top.Sections("listener", 1).Select(l => ListenerReader.Read(l, paths))],
            Storage = StorageReader.Read(top, paths) ?? before.Storage,
            ApiAddress = top.Text("api_addr") ?? before.ApiAddress,
            ClusterAddress = top.Text("cluster_addr") ?? before.ClusterAddress,
            ClusterName = top.Text("cluster_name") ?? before.ClusterName,
            EnableUi = top.Flag("ui") ?? before.EnableUi,
            RawStorageEndpoint = top.Flag("raw_storage_endpoint") ?? before.RawStorageEndpoint,
            DisableMlock = top.Flag("disable_mlock") ?? before.DisableMlock,
            PidFile = paths.Full(top, "pid_file") ?? before.PidFile,
            AuditDirectory = paths.Full(top, "audit_directory") ?? before.AuditDirectory,
            EnvironmentName = top.Choice("environment", ServerConfiguration.EnvironmentNames) ?? before.EnvironmentName,
            StopTimeout = top.Duration("shutdown_timeout") ?? before.StopTimeout,
            MaxConnections = top.Whole("max_connections", 1, int.MaxValue) ?? before.MaxConnections,
            Limits = new SystemLimits(
                Positive(top.Duration("default_lease_ttl")) ?? before.Limits.DefaultLeaseTtl,
                Positive(top.Duration("max_lease_ttl")) ?? before.Limits.MaxLeaseTtl),
            LogLevel = ReadLogLevel(top) ?? before.LogLevel,
        };
        foreach (ConfigurationSection seal in top.Sections("seal", 1))
            CheckSeal(seal);
        foreach (ConfigurationSection telemetry in top.Sections("telemetry", 0))
        {
            foreach (string name in telemetry.Names)
                telemetry.Ignore(name, IgnoredKeys.IsPushTelemetry(name) ? "metrics are not pushed; collect them from /v1/sys/metrics" : "");
            telemetry.WarnOfUnread();
        }
        IgnoredKeys.Apply(top);
        top.WarnOfUnread();
        return after;
    }

    private static void CheckSeal(ConfigurationSection seal)
    {
        if (seal.Label != "shamir")
            throw seal.Wrong($"this seal is not available yet: leave the stanza out to unseal with key shares (seal \"shamir\")");
        seal.Ignore("disabled");
        seal.WarnOfUnread();
    }

    private static VaultLogLevel? ReadLogLevel(ConfigurationSection top)
    {
        if (top.Text("log_level") is not { Length: > 0 } text)
            return null;
        return EnvironmentOverrides.LogLevelOf(text) ?? throw top.Wrong("log_level", "expected trace, debug, info, warn or error");
    }

    private static TimeSpan? Positive(TimeSpan? value) => value > TimeSpan.Zero ? value : null;
}

/// <summary>Relative paths count from the caller's folder, not from the configuration file's.</summary>
internal readonly record struct ConfigurationPaths(string WorkingDirectory)
{
    /// <exception cref="ServerStartException">The text cannot name a file.</exception>
    public string? Full(ConfigurationSection section, string name)
    {
        if (section.Text(name) is not { Length: > 0 } path)
            return null;
        return path.Contains('\0', StringComparison.Ordinal) ? throw section.Wrong(name, "a path must not contain a NUL character") : Path.GetFullPath(path, WorkingDirectory);
    }
}
