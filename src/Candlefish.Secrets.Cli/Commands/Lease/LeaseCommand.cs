using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Lease;

/// <summary><c>lease lookup|renew|revoke</c>.</summary>
internal static class LeaseCommand
{
    internal static Command Build(Invoker invoker) => new("lease", "Look up, renew and revoke leases")
    {
        Lookup(invoker),
        Renew(invoker),
        Revoke(invoker),
    };

    private static Command Lookup(Invoker invoker)
    {
        var id = Args.Required("lease", "Id of the lease");
        var command = new Command("lookup", "Show a lease") { id };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var reply = await cli.Server.WriteAsync("sys/leases/lookup", new JsonObject { ["lease_id"] = parse.GetRequiredValue(id) }, cancellation);
            cli.Output.Write(SecretView.Of(reply.Body));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Renew(Invoker invoker)
    {
        var id = Args.Required("lease", "Id of the lease");
        var increment = Args.Text("increment", "Lifetime to ask for, counted from now", "-i");
        var command = new Command("renew", "Renew a lease") { id, increment };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var body = new JsonObject { ["lease_id"] = parse.GetRequiredValue(id) };
            if (parse.GetValue(increment) is { } asked)
            {
                body["increment"] = asked;
            }

            cli.Output.Write(SecretView.Of((await cli.Server.WriteAsync("sys/leases/renew", body, cancellation)).Body));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Revoke(Invoker invoker)
    {
        var id = Args.Required("lease", "Id of the lease, or a prefix with -prefix");
        var prefix = Args.Switch("prefix", "Revoke all leases that begin with the argument (needs sudo)");
        var force = Args.Switch("force", "Forget leases the engine cannot revoke (with -prefix)", "-f");
        var sync = new Option<bool?>("--sync") { Description = "Wait until it is done, true by default", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("revoke", "Revoke a lease") { id, prefix, force, sync };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var lease = parse.GetRequiredValue(id);
            var wait = parse.GetValue(sync) ?? true;
            if (parse.GetValue(force) && !parse.GetValue(prefix))
            {
                throw CliError.Usage("-force needs -prefix", "a single lease is not forgotten by force", "add -prefix");
            }

            if (parse.GetValue(prefix))
            {
                var path = $"sys/leases/{(parse.GetValue(force) ? "revoke-force" : "revoke-prefix")}/{lease}";
                await cli.Server.WriteAsync(path, new JsonObject { ["sync"] = wait }, cancellation);
                cli.Output.Line(wait ? $"Success! Revoked any leases with prefix: {lease}" : "All revocation operations queued successfully!");
            }
            else
            {
                await cli.Server.WriteAsync("sys/leases/revoke", new JsonObject { ["lease_id"] = lease, ["sync"] = wait }, cancellation);
                cli.Output.Line(wait ? $"Success! Revoked lease: {lease}" : "All revocation operations queued successfully!");
            }

            return ExitCode.Ok;
        }));
        return command;
    }
}
