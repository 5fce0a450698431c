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

    /// <summary>Connections at once, all listeners together; <see langword="null"/> = no limit.</summary>
    public long? MaxConnections { get; init; }

    /// <summary>Version shown to clients (<c>CANDLEFISH_REPORTED_VERSION</c>).</summary>
    public string ReportedVersion { get; init; } = new VaultOptions().ReportedVersion;

    /// <summary>In-memory server of <c>dev</c> and <c>server -dev</c>.</summary>
    public bool IsDevelopment { get; init; }

    /// <summary>Applies the environment variables that override the file.</summary>
    public ServerConfiguration WithEnvironment(Func<string, string?> environment)
    {
        ServerConfiguration result = this;
        if (environment("CANDLEFISH_REPORTED_VERSION") is { Length: > 0 } version)
            result = result with { ReportedVersion = version };
        return result;
    }

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
