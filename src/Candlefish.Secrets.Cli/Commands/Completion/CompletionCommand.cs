using System.CommandLine;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Completion;

/// <summary><c>completion SHELL</c> prints a script that asks the hidden command <c>__complete</c> for candidates.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _candlefish_secrets() {
            local IFS=$'\n'
            COMPREPLY=($("${COMP_WORDS[0]}" __complete --no-input --quiet -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
            if [[ ${#COMPREPLY[@]} -eq 1 && ( ${COMPREPLY[0]} == */ || ${COMPREPLY[0]} == *= ) ]]; then compopt -o nospace; fi
        }
        complete -F _candlefish_secrets candlefish-secrets cfs

        """;

    private const string Zsh = """
        #compdef candlefish-secrets cfs
        _candlefish_secrets() {
            local -a candidates
            candidates=("${(@f)$("${words[1]}" __complete --no-input --quiet -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            compadd -Q -S '' -- $candidates
        }
        compdef _candlefish_secrets candlefish-secrets cfs

        """;

    private const string Fish = """
        function __candlefish_secrets
            set -l words (commandline -opc) (commandline -ct)
            command $words[1] __complete --no-input --quiet -- $words[2..-1] 2>/dev/null
        end
        complete -c candlefish-secrets -f -a '(__candlefish_secrets)'
        complete -c cfs -f -a '(__candlefish_secrets)'

        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName candlefish-secrets, cfs -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
            if ($wordToComplete -eq '') { $words += '' }
            & $commandAst.CommandElements[0].ToString() __complete --no-input --quiet -- @words 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }

        """;

    internal static Command Build(Invoker invoker)
    {
        var shell = Args.Required("shell", "bash, zsh, fish or pwsh");
        var command = new Command("completion", "Print the completion script of a shell") { shell };
        command.SetAction(invoker.Run((cli, parse, _) =>
        {
            cli.Output.Text(parse.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                "fish" => Fish,
                "pwsh" or "powershell" => PowerShell,
                var other => throw CliError.Usage(
                    $"unknown shell \"{other}\"",
                    Suggestion.Nearest(other, ["bash", "zsh", "fish", "pwsh"]) is { } nearest ? $"did you mean \"{nearest}\"?" : "there is no script for it",
                    "use one of bash, zsh, fish, pwsh"),
            });
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }
}
