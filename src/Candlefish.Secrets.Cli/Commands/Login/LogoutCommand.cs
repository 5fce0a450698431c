using System.CommandLine;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Login;

/// <summary><c>logout</c>: revokes the stored token and forgets it. Vault's own token file is left alone.</summary>
internal static class LogoutCommand
{
    internal static Command Build(Invoker invoker)
    {
        var keep = Args.Switch("keep-token", "Forget the token here without revoking it");
        var command = new Command("logout", "Revoke and forget the stored token") { keep };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var address = cli.Settings.ServerAddress().Value ?? "";
            var store = new TokenStore(cli.Host);
            if (store.Read(cli.Settings.Context, address) is not { } token)
            {
                cli.Messages.Info($"not logged in to {address}");
                return ExitCode.Ok;
            }

            if (!parse.GetValue(keep))
            {
                var reply = await RevokeAsync(cli, token, cancellation);
                if (reply is not null)
                {
                    cli.Messages.Warn($"the token could not be revoked ({reply}); it ends by itself when its time is over");
                }
            }

            store.Erase(cli.Settings.Context, address);
            cli.Messages.Done($"Logged out of {address}");
            return ExitCode.Ok;
        }));
        return command;
    }

    /// <summary>Null when revoked, else why not. A server that is away must not keep the login on this machine.</summary>
    private static async Task<string?> RevokeAsync(CliContext cli, string token, CancellationToken cancellation)
    {
        try
        {
            var reply = await cli.Server.RawAsync(new VaultCall("PUT", "auth/token/revoke-self") { Token = token, WrapTtl = "" }, cancellation);
            return reply.IsSuccess || reply.Status == 403 ? null : $"the server answered {reply.Status}";
        }
        catch (CliError error)
        {
            return error.Message;
        }
    }
}
