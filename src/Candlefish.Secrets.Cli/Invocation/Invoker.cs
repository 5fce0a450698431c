using System.CommandLine;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Gives command bodies their context and turns what they throw into exit codes and error lines.</summary>
internal sealed class Invoker(CliHost host, GlobalOptions globals)
{
    internal delegate Task<int> Body(CliContext cli, ParseResult parse, CancellationToken cancellation);

    internal CliHost Host => host;

    internal GlobalOptions Globals => globals;

    /// <summary>An ordinary command.</summary>
    internal Func<ParseResult, CancellationToken, Task<int>> Run(Body body) => (parse, cancellation) => InvokeAsync(body, parse, false, cancellation);

    /// <summary>A check command: its own exit codes, where a usage error is 2 and anything unfinished is 3.</summary>
    internal Func<ParseResult, CancellationToken, Task<int>> RunCheck(Body body) => (parse, cancellation) => InvokeAsync(body, parse, true, cancellation);

    private async Task<int> InvokeAsync(Body body, ParseResult parse, bool isCheck, CancellationToken cancellation)
    {
        try
        {
            using var cli = new CliContext(host, globals, parse);
            return await body(cli, parse, cancellation);
        }
        catch (PreviewShown)
        {
            return ExitCode.Ok;
        }
        catch (CliError error)
        {
            var code = !isCheck ? error.ExitCode : error.ExitCode == ExitCode.Usage ? CheckExitCode.Usage : CheckExitCode.Incomplete;
            var shown = code == error.ExitCode ? error
                : new CliError(code, error.Message, error.Why, error.Next) { RequestId = error.RequestId, Status = error.Status };
            ErrorWriter.Write(host.Error, shown, WantsJson(parse));
            return code;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ErrorWriter.Write(host.Error, CliError.Usage(exception.Message, "the system refused a file operation", "check the path and its mode"), WantsJson(parse));
            return isCheck ? CheckExitCode.Incomplete : ExitCode.Usage;
        }
        catch (Exception exception)
        {
            return Defect(exception, parse, isCheck);
        }
    }

    /// <summary>A defect of ours. Its message may hold data, so only its kind is shown; <c>--debug</c> adds where it happened.</summary>
    private int Defect(Exception exception, ParseResult parse, bool isCheck)
    {
        ErrorWriter.Write(
            host.Error,
            CliError.Usage($"internal error ({exception.GetType().Name})", "this is a defect of candlefish-secrets", "run it again with --debug and report what it shows"),
            WantsJson(parse));
        if (globals.IsOn(parse, "debug"))
        {
            host.Error.Write(exception.StackTrace + "\n");
        }

        return isCheck ? CheckExitCode.Incomplete : ExitCode.Usage;
    }

    private bool WantsJson(ParseResult parse) =>
        globals.IsOn(parse, "json")
        || (globals.Value(parse, "output") ?? host.Variable("CANDLEFISH_OUTPUT") ?? host.Variable("VAULT_FORMAT")) is "json" or "jsonl";
}
