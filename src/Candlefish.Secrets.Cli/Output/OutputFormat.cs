using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>How data is printed.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    JsonLines,
    Yaml,
    Tsv,
    Env,
    Raw,
    None,
}

/// <summary>Names of the formats on the command line.</summary>
internal static class OutputFormats
{
    internal static readonly string[] Names = ["table", "json", "jsonl", "yaml", "tsv", "env", "raw", "none"];

    /// <summary>Reads a name; Vault's <c>pretty</c> is <c>json</c> and its <c>yml</c> is <c>yaml</c>.</summary>
    /// <exception cref="CliError">Not a name; the nearest one is suggested.</exception>
    internal static OutputFormat Parse(string name) => name.ToLowerInvariant() switch
    {
        "table" => OutputFormat.Table,
        "json" or "pretty" => OutputFormat.Json,
        "jsonl" => OutputFormat.JsonLines,
        "yaml" or "yml" => OutputFormat.Yaml,
        "tsv" => OutputFormat.Tsv,
        "env" => OutputFormat.Env,
        "raw" => OutputFormat.Raw,
        "none" => OutputFormat.None,
        var other => throw CliError.Usage(
            $"unknown output format \"{other}\"",
            Suggestion.Nearest(other, Names) is { } nearest ? $"did you mean \"{nearest}\"?" : "there is no such format",
            "use one of " + string.Join(", ", Names)),
    };
}
