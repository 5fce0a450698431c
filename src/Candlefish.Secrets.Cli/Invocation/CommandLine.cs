using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using Candlefish.Secrets.Cli.Commands;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>One run of the command line, from the argument list to the exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs <paramref name="arguments"/> and returns the exit code. Ctrl-C and SIGTERM cancel the command.</summary>
    internal static async Task<int> RunAsync(string[] arguments, CliHost host, CancellationToken cancellation = default)
    {
        if (arguments is ["help", ..])
        {
            arguments = [.. arguments[1..], "--help"];
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop, host));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop, host));
        var globals = new GlobalOptions();
        var root = CommandTree.Build(new Invoker(host, globals), globals, arguments);
        var isCheck = false;
        try
        {
            isCheck = CommandTree.IsCheck(ArgumentNormalizer.CommandPath(arguments, root, out _));
            var normalized = ArgumentNormalizer.Normalize(arguments, root);
            var parse = root.Parse(normalized, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
            if (parse.Errors.Count > 0 && !IsHelp(normalized))
            {
                throw UsageOf(parse);
            }

            using var output = new StreamWriter(host.Output, leaveOpen: true);
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, Output = output, Error = host.Error, ProcessTerminationTimeout = null,
            };
            return await parse.InvokeAsync(configuration, stop.Token);
        }
        catch (CliError error)
        {
            var code = isCheck && error.ExitCode == ExitCode.Usage ? CheckExitCode.Usage : error.ExitCode;
            ErrorWriter.Write(host.Error, new CliError(code, error.Message, error.Why, error.Next), json: WantsJson(arguments, host));
            return code;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ErrorWriter.Write(host.Error, CliError.Usage("the output cannot be written", "stdout is closed or full", "check where it goes"), WantsJson(arguments, host));
            return ExitCode.Usage;
        }
    }

    /// <summary>The first signal cancels; at a prompt, or the second time, the process ends at once.</summary>
    private static void Stop(PosixSignalContext context, CancellationTokenSource stop, CliHost host)
    {
        if (host.IsWaitingForInput || stop.IsCancellationRequested)
        {
            Environment.Exit(ExitCode.Interrupted);
        }

        context.Cancel = true;
        stop.Cancel();
    }

    private static bool IsHelp(List<string> normalized) => normalized.TakeWhile(static a => a != "--").Any(static a => a is "--help" or "-h" or "-?");

    private static CliError UsageOf(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var path = new List<string>();
        for (var result = parse.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            path.Insert(0, result.Command is RootCommand ? "candlefish-secrets" : result.Command.Name);
        }

        var name = string.Join(' ', path);
        return command.Subcommands.Count > 0
            ? CliError.Usage($"{name} needs a command", "one of " + string.Join(", ", command.Subcommands.Where(static c => !c.Hidden).Select(static c => c.Name)), name + " --help")
            : CliError.Usage(Problem(parse), "the arguments do not fit " + name, name + " --help");
    }

    /// <summary>The parser's own messages quote what was typed, which may be a secret in the wrong place.</summary>
    private static string Problem(ParseResult parse)
    {
        var error = parse.Errors[0];
        return parse.UnmatchedTokens.Count > 0 ? $"{parse.UnmatchedTokens.Count} argument(s) too many"
            : error.SymbolResult is OptionResult option && option.Tokens.Count > 0 ? $"the value of {option.Option.Name} is not a {(option.Option.ValueType == typeof(int?) ? "whole number" : "valid one")}"
            : error.SymbolResult is ArgumentResult argument ? $"the argument {argument.Argument.Name} is {(argument.Tokens.Count > 0 ? "not valid" : "missing")}"
            : parse.CommandResult.Command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && parse.GetResult(a) is null or { Tokens.Count: 0 }) is { } absent ? $"the argument {absent.Name} is missing"
            : error.Message.TrimEnd('.');
    }

    private static bool WantsJson(string[] arguments, CliHost host) =>
        arguments.Any(static a => a is "--json" or "-json" or "-format=json" or "--format=json" or "--output=json" or "-o=json")
        || (host.Variable("CANDLEFISH_OUTPUT") ?? host.Variable("VAULT_FORMAT")) == "json";
}
