using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Writes a <see cref="CliError"/> to stderr: four lines, or one RFC 9457 object when JSON was asked for.</summary>
internal static class ErrorWriter
{
    internal static void Write(TextWriter error, CliError problem, bool json)
    {
        if (json)
        {
            var document = new JsonObject
            {
                ["type"] = "about:blank",
                ["title"] = Title(problem.ExitCode),
                ["status"] = problem.Status,
                ["detail"] = problem.Message,
                ["why"] = problem.Why,
                ["next"] = problem.Next,
                ["request_id"] = problem.RequestId,
                ["exit_code"] = problem.ExitCode,
            };
            error.Write(JsonText.Indented(document) + "\n");
            return;
        }

        error.Write($"error: {problem.Message}\n");
        error.Write($"why:   {problem.Why ?? "the command line does not allow it"}\n");
        error.Write($"next:  {problem.Next ?? "candlefish-secrets --help"}\n");
        error.Write($"request id: {problem.RequestId ?? "none"}\n");
    }

    private static string Title(int exitCode) => exitCode switch
    {
        ExitCode.Usage => "Usage or local error",
        ExitCode.NotFound => "Not found",
        ExitCode.NotLoggedIn => "Not logged in",
        ExitCode.Denied => "Permission denied",
        ExitCode.Conflict => "Conflict",
        ExitCode.Sealed => "Sealed",
        ExitCode.Pending => "Still pending",
        ExitCode.Integrity => "Integrity failure",
        _ => "Server error",
    };
}
