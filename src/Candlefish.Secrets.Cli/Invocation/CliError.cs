namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>
/// Ends a command with an exit code and the four lines a person gets: what, why, what next,
/// request id. Never holds a secret.
/// </summary>
internal sealed class CliError(int exitCode, string what, string? why = null, string? next = null) : Exception(what)
{
    internal int ExitCode { get; } = exitCode;

    internal string? Why { get; } = why;

    internal string? Next { get; } = next;

    internal string? RequestId { get; init; }

    /// <summary>HTTP status that caused the error, 0 for a local one.</summary>
    internal int Status { get; init; }

    internal static CliError Usage(string what, string? why = null, string? next = null) =>
        new(Invocation.ExitCode.Usage, what, why, next);
}
