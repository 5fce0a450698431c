using Candlefish.Secrets.Vault;
using Candlefish.Secrets.Vault.Mounts;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>Everything a server is configured with, checked. See docs/configuration.md.</summary>
public sealed record ServerConfiguration
{
    public required IReadOnlyList<ListenerConfiguration> Listeners { get; init; }

    public required StorageConfiguration Storage { get; init; }

    public string ApiAddress { get; init; } = "";

    public string ClusterAddress { get; init; } = "";

    public string ClusterName { get; init; } = "candlefish";

    public bool EnableUi { get; init; }

    public bool RawStorageEndpoint { get; init; }

    public SystemLimits Limits { get; init; } = SystemLimits.Standard;

    public VaultLogLevel LogLevel { get; init; } = VaultLogLevel.Info;

    /// <summary>How long running requests may take to finish after a stop was asked for.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>development</c>, <c>testing</c>, <c>staging</c>, <c>production</c>; empty = not said.</summary>
    public string EnvironmentName { get; init; } = "";

    /// <summary>Secret memory is locked where the system allows it, whatever this says; shown to clients only.</summary>
    public bool DisableMlock { get; init; }

    /// <summary>File that holds the process id while the server runs; empty = none.</summary>
    public string PidFile { get; init; } = "";

    /// <summary>The one directory that audit files may be in; empty = none may be opened.</summary>
    public string AuditDirectory { get; init; } = "";

    /// <summary>Opens the cluster port beside the API port.</summary>
    public bool OpensClusterPort { get; init; }

    /// <summary>What was ignored or is unwise, one sentence each with file and line.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Connections at once, all listeners together; <see langword="null"/> = no limit.</summary>
    public long? MaxConnections { get; init; }

    /// <summary>Version shown to clients (<c>CANDLEFISH_REPORTED_VERSION</c>).</summary>
    public string ReportedVersion { get; init; } = new VaultOptions().ReportedVersion;

    /// <summary>In-memory server of <c>dev</c> and <c>server -dev</c>.</summary>
    public bool IsDevelopment { get; init; }

    /// <summary>Names that <c>environment</c> and <c>CANDLEFISH_ENV</c> may have.</summary>
    public static readonly string[] EnvironmentNames = ["development", "testing", "staging", "production"];

    public VaultOptions ToVaultOptions() => new()
    {
        ReportedVersion = ReportedVersion,
        ClusterName = ClusterName,
        ApiAddress = ApiAddress,
        ClusterAddress = ClusterAddress,
        StorageType = Storage.Type,
        Limits = Limits,
        RawStorageEndpoint = RawStorageEndpoint,
        EnableUi = EnableUi,
        AuditDirectory = AuditDirectory,
        AuditsFromInit = !IsDevelopment,
        UnauthenticatedMetrics = Listeners.All(l => l.UnauthenticatedMetrics),
        UnauthenticatedRekey = Listeners.Any(l => l.UnauthenticatedRekey),
        SanitizedConfiguration = Configuration.SanitizedConfiguration.Of(this),
    };
}

/// <summary>Where the vault keeps its ciphertext.</summary>
/// <param name="Type"><c>file</c> or <c>inmem</c>.</param>
/// <param name="Path">Directory of <c>file</c>, absolute.</param>
public sealed record StorageConfiguration(string Type, string Path)
{
    public const string File = "file";
    public const string InMemory = "inmem";
}
