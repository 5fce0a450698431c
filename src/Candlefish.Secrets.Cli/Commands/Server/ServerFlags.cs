namespace Candlefish.Secrets.Cli.Commands.Server;

/// <summary>What the command line asks of the server; null and empty mean "not given".</summary>
internal sealed class ServerFlags
{
    internal string[] ConfigFiles { get; init; } = [];

    internal bool IsDev { get; init; }

    internal string? DevRootToken { get; init; }

    internal string? DevListenAddress { get; init; }

    internal string? AwsAccessKeyId { get; init; }

    internal string? AwsSecretAccessKey { get; init; }

    internal string[] AwsRegions { get; init; } = [];

    internal bool SdkCompat { get; init; }

    internal string? LogLevel { get; init; }
}
