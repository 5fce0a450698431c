namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Exit codes of ordinary commands; the table is in docs/cli.md.</summary>
internal static class ExitCode
{
    internal const int Ok = 0;

    /// <summary>Usage or local error.</summary>
    internal const int Usage = 1;

    /// <summary>Server, API or transport error.</summary>
    internal const int Server = 2;

    internal const int NotFound = 3;

    /// <summary>No token, or one the server does not know any more.</summary>
    internal const int NotLoggedIn = 4;

    internal const int Denied = 5;

    /// <summary>Check-and-set mismatch, already exists, wrong state.</summary>
    internal const int Conflict = 6;

    internal const int Sealed = 7;

    /// <summary>Waiting timed out or is still pending.</summary>
    internal const int Pending = 8;

    /// <summary>An audit log, backup or recording is not intact.</summary>
    internal const int Integrity = 9;

    internal const int Interrupted = 130;
}

/// <summary>Exit codes of check commands: errors and findings never share a code.</summary>
internal static class CheckExitCode
{
    internal const int Clean = 0;
    internal const int Findings = 1;
    internal const int Usage = 2;
    internal const int Incomplete = 3;
    internal const int WarningsOnly = 10;

    /// <summary>The table in words, for the help of each check command.</summary>
    internal const string Help =
        "\n\nExit codes: 0 nothing to report, 1 failures or findings, 2 usage or configuration error, "
        + "3 could not complete, 10 warnings only with --strict.";

    internal static int From(int failures, int warnings, bool strict) =>
        failures > 0 ? Findings : warnings > 0 && strict ? WarningsOnly : Clean;
}
