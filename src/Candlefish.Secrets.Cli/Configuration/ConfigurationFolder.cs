using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Configuration;

/// <summary>Where the CLI keeps its own files: <c>$XDG_CONFIG_HOME/candlefish</c>, else <c>~/.config/candlefish</c>.</summary>
internal static class ConfigurationFolder
{
    internal static string Of(CliHost host) =>
        Path.Combine(host.Variable("XDG_CONFIG_HOME") ?? Path.Combine(host.HomeFolder, ".config"), "candlefish");
}
