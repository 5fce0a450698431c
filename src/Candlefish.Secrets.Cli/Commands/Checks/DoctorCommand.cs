using System.CommandLine;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Checks;

/// <summary>
/// <c>doctor</c>: what people look up by hand when nothing works - environment, files, local server
/// processes, the way to the server - with values masked, and the next step under each finding.
/// </summary>
internal static class DoctorCommand
{
    internal static Command Build(Invoker invoker)
    {
        var fix = Args.Switch("fix", "Correct file modes");
        var strict = Args.Switch("strict", "Warnings alone have exit code 10");
        var command = new CheckCommand("doctor", "Find out why it does not work") { fix, strict };
        command.SetAction(invoker.RunCheck(async (cli, parse, cancellation) =>
        {
            var report = new CheckReport();
            EnvironmentVariables(cli, report);
            Files(cli, report, parse.GetValue(fix));
            ProcessChecks.Run(report);
            await ServerChecks.RunAsync(cli, report, cancellation);
            return report.Finish(cli, r => Mark(cli, r), parse.GetValue(strict));
        }));
        return command;
    }

    private static string Mark(CliContext cli, CheckResult result) => result switch
    {
        CheckResult.Success => cli.Messages.Tick,
        CheckResult.Warning => cli.Messages.Ascii ? "[warn]" : "!",
        _ => cli.Messages.Cross,
    };

    /// <summary>Names of the variables that count; addresses and files are shown, everything else only as set.</summary>
    private static void EnvironmentVariables(CliContext cli, CheckReport report)
    {
        string[] others = ["VAULT_ROLE_ID", "VAULT_SECRET_ID", "VAULT_ROLE", "NO_COLOR", "LOG_LEVEL"];
        var set = new List<string>();
        foreach (var rule in SettingRule.All)
        {
            foreach (var variable in rule.Variables)
            {
                if (cli.Host.Variable(variable) is { } value)
                {
                    set.Add(rule == SettingRule.Token ? $"{variable}=(set)" : $"{variable}={value}");
                }
            }
        }

        set.AddRange(others.Where(v => cli.Host.Variable(v) is not null).Select(static v => v + "=(set)"));
        report.Ok("environment", set.Count == 0 ? "no VAULT_ or CANDLEFISH_ variable is set" : string.Join(", ", set));
        if (cli.Host.Variable("CANDLEFISH_ADDR") is { } own && cli.Host.Variable("VAULT_ADDR") is { } vault && own != vault)
        {
            report.Warn("environment", "CANDLEFISH_ADDR and VAULT_ADDR differ; CANDLEFISH_ADDR is used", "unset one of them");
        }
    }

    private static void Files(CliContext cli, CheckReport report, bool fix)
    {
        var folder = ConfigurationFolder.Of(cli.Host);
        var tokens = Path.Combine(folder, "tokens");
        var candidates = Directory.Exists(tokens) ? Directory.GetFiles(tokens).ToList() : [];
        candidates.Add(Path.Combine(folder, "config.yaml"));
        candidates.Add(Path.Combine(cli.Host.HomeFolder, ".vault-token"));
        foreach (var path in candidates.Where(File.Exists))
        {
            if (!PrivateFile.IsTooOpen(path))
            {
                report.Ok("file mode", $"{path} {PrivateFile.Mode(path)}");
            }
            else if (fix)
            {
                PrivateFile.Close(path);
                report.Ok("file mode", $"{path} corrected to {PrivateFile.Mode(path)}");
            }
            else
            {
                report.Fail("file mode", $"{path} has mode {PrivateFile.Mode(path)}: others can read it", $"chmod 0600 {path}   or candlefish-secrets doctor --fix");
            }
        }
    }
}
