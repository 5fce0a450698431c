using System.CommandLine;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Login;

/// <summary>
/// <c>logout</c>: forgets the stored token. A token that a login issued is revoked too; one that was brought
/// along may be in use elsewhere and is revoked only when asked. Vault's own token file is left alone.
/// </summary>
internal static class LogoutCommand
{
    internal static Command Build(Invoker invoker)
    {
        var keep = Args.Switch("keep-token", "Forget the token here without revoking it");
        var revoke = Args.Switch("revoke", "Revoke the token even if it was not issued by a login here");
        var command = new Command("logout", "Forget the stored token; revoke it if a login here issued it") { keep, revoke };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var address = cli.Settings.ServerAddress().Value ?? "";
            var store = new TokenStore(cli.Host);
            if (store.Find(cli.Settings.Context, address) is not { } login)
            {
                cli.Messages.Info($"not logged in to {address}");
                return ExitCode.Ok;
            }

            if (cli.IsDryRun || cli.PrintsCurl || cli.PrintsPolicy)
            {
                cli.Server.Preview(new VaultCall("PUT", "auth/token/revoke-self"));
            }

            if (!parse.GetValue(keep) && (login.IsIssued || parse.GetValue(revoke)))
            {
                var reply = await RevokeAsync(cli, login.Token, cancellation);
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
