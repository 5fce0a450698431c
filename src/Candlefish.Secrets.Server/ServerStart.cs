namespace Candlefish.Secrets.Server;

/// <summary>What a server is started with: configuration files, or development options.</summary>
public sealed record ServerStart
{
    /// <summary>Files and directories of <c>-config</c>, in the order given; relative ones count from <see cref="WorkingDirectory"/>.</summary>
    public IReadOnlyList<string> ConfigurationPaths { get; init; } = [];

    /// <summary>Not <see langword="null"/> = a development server: in memory, unsealed, no configuration file needed.</summary>
    public DevelopmentOptions? Development { get; init; }

    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Reads an environment variable (<c>LOG_LEVEL</c>, <c>CANDLEFISH_ENV</c> …); <see langword="null"/> when unset.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where a development server prints its address, token and unseal key.</summary>
    public TextWriter Output { get; init; } = System.Console.Out;

    /// <summary>Where log lines and start-up errors go.</summary>
    public TextWriter Error { get; init; } = System.Console.Error;
}

/// <summary>A server for trying things out: everything in memory, unsealed, <c>secret/</c> mounted as KV v2.</summary>
public sealed record DevelopmentOptions
{
    public const string StandardToken = "root";

    /// <summary>HOST:PORT; port 0 takes a free one.</summary>
    public string ListenAddress { get; init; } = "127.0.0.1:8200";

    /// <summary>The root token. The standard one is known to everyone, so it is accepted on loopback only.</summary>
    public string RootToken { get; init; } = StandardToken;

    /// <summary>Not a record's generated text: it would show the token.</summary>
    public override string ToString() => "DevelopmentOptions";
}

/// <summary>The server cannot start. The message says what, where and the next step, one problem per line.</summary>
public sealed class ServerStartException(string message, Exception? inner = null) : Exception(message, inner);
