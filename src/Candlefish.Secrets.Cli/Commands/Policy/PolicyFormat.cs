using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Cli.Commands.Policy;

/// <summary><c>policy fmt FILE</c>: lays a policy file out in the standard way, in place. A file that does not parse is left alone.</summary>
internal static class PolicyFormat
{
    internal static Command Build(Invoker invoker)
    {
        var file = Args.Required("file", "File to format in place");
        var check = Args.Switch("check", "Only tell whether it is formatted: exit code 6 if not");
        var command = new Command("fmt", "Format a policy file") { file, check };
        command.SetAction(invoker.Run((cli, parse, _) =>
        {
            var name = parse.GetRequiredValue(file);
            var path = Path.Combine(cli.Host.WorkingFolder, name);
            var text = cli.Data().ReadFile(name);
            try
            {
                HclDocument.Parse(text);
            }
            catch (HclException broken)
            {
                throw CliError.Usage($"{name} is not a policy: {broken.Message}", "it does not parse, so it is left as it is", $"correct {name}");
            }

            var formatted = text.TrimStart().StartsWith('{') ? text : HclLayout.Format(text);
            if (formatted == text)
            {
                cli.Output.Line($"Success! {name} is formatted already");
                return Task.FromResult(ExitCode.Ok);
            }

            if (parse.GetValue(check))
            {
                throw new CliError(ExitCode.Conflict, $"{name} is not formatted", "its layout differs from the standard one", $"candlefish-secrets policy fmt {name}");
            }

            if (!cli.IsDryRun)
            {
                File.WriteAllText(path, formatted);
            }

            cli.Output.Line($"Success! Formatted policy: {name}");
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }
}
