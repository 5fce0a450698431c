using System.CommandLine;
using Candlefish.Secrets.Cli.Commands.Checks;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary><c>operator diagnose</c>: checks the host a server runs on, its configuration file and the running server.</summary>
internal static class OperatorDiagnose
{
    internal static Command Build(Invoker invoker)
    {
        var config = Args.List("config", "Server configuration file or folder to check");
        var strict = Args.Switch("strict", "Warnings alone have exit code 10");
        var command = new CheckCommand("diagnose", "Check a server's host, configuration and state") { config, strict };
        command.SetAction(invoker.RunCheck(async (cli, parse, cancellation) =>
        {
            var report = new CheckReport();
            HostChecks.Run(report);
            if (Args.Split(parse.GetValue(config)) is { Length: > 0 } files)
            {
                ConfigurationChecks.Run(cli, [.. files.Select(f => Path.GetFullPath(Path.Combine(cli.Host.WorkingFolder, f)))], report);
            }
            else
            {
                await ServerChecks.RunAsync(cli, report, cancellation);
            }

            return report.Finish(cli, Mark, parse.GetValue(strict));
        }));
        return command;
    }

    private static string Mark(CheckResult result) => result switch
    {
        CheckResult.Success => "[ success ]",
        CheckResult.Warning => "[ warning ]",
        _ => "[ failure ]",
    };
}
