using System.Runtime.CompilerServices;
using System.Text;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Server;

namespace Candlefish.Secrets.Cli.Commands.Server;

/// <summary>The only place that touches the server's types, so that no other command loads ASP.NET Core.</summary>
internal static class ServerProcess
{
    /// <summary>Runs the server until SIGTERM or Ctrl-C and returns its exit code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static async Task<int> RunAsync(CliContext cli, ServerFlags flags, CancellationToken cancellation)
    {
        if (flags.AwsRegions.Length > 0 || flags.AwsAccessKeyId is not null || flags.SdkCompat)
        {
            cli.Messages.Warn("this build has no AWS API and no SDK development API: --aws-* and --sdk-compat have no effect");
        }

        await using var output = new StreamWriter(cli.Host.Output, new UTF8Encoding(false), leaveOpen: true) { AutoFlush = true, NewLine = "\n" };
        var start = new ServerStart
        {
            ConfigurationPaths = flags.ConfigFiles,
            Development = flags.IsDev ? Development(flags) : null,
            WorkingDirectory = cli.Host.WorkingFolder,
            Environment = name => name == "LOG_LEVEL" && flags.LogLevel is not null ? flags.LogLevel : cli.Host.Variable(name),
            Time = cli.Host.Clock,
            Output = output,
            Error = cli.Host.Error,
        };
        return await ServerHost.RunAsync(start, cancellation);
    }

    private static DevelopmentOptions Development(ServerFlags flags)
    {
        var options = new DevelopmentOptions();
        return options with
        {
            ListenAddress = flags.DevListenAddress ?? options.ListenAddress,
            RootToken = flags.DevRootToken ?? options.RootToken,
        };
    }
}
