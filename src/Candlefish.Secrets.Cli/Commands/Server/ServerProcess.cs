using System.Runtime.CompilerServices;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Server;

/// <summary>The only place that touches the server's types, so that no other command loads ASP.NET Core.</summary>
internal static class ServerProcess
{
    /// <summary>Runs the server until SIGTERM or Ctrl-C and returns its exit code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Task<int> RunAsync(CliContext cli, ServerFlags flags, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        throw new CliError(
            ExitCode.Usage,
            $"the server cannot be started{(flags.IsDev ? " in development mode" : "")}",
            "this build has no server yet",
            cli.Messages.Ascii ? "candlefish-secrets version" : "candlefish-secrets version");
    }
}
