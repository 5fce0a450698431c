using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Login;

/// <summary>
/// <c>login</c>: gets a token and keeps it in the CLI's own store (mode 0600), bound to context and
/// server address. The token itself is printed only when asked for.
/// </summary>
internal static class LoginCommand
{
    internal static Command Build(Invoker invoker)
    {
        var data = Args.Many("arguments", "A token, or key=value of the method: username, password, role_id, secret_id");
        var method = Args.Text("method", "token (default), userpass, ldap or approle (VAULT_AUTH_METHOD)");
        var path = Args.Text("path", "Mount of the method; its name by default");
        var noStore = Args.Switch("no-store", "Keep nothing");
        var noPrint = Args.Switch("no-print", "Print nothing");
        var print = Args.Switch("print-token", "Print the token on stdout", "--token-only");
        var command = new Command("login", "Log in and keep the token") { data, method, path, noStore, noPrint, print };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var name = parse.GetValue(method) ?? cli.Settings[SettingRule.AuthMethod].Value ?? "token";
            var words = parse.GetValue(data) ?? [];
            var envelope = name == "token"
                ? await LoginMethods.TokenAsync(cli, words, cancellation)
                : await LoginMethods.CredentialsAsync(cli, name, parse.GetValue(path) ?? name, words, cancellation);
            if (envelope["wrap_info"] is JsonObject)
            {
                cli.Output.Write(SecretView.Of(envelope));
                return ExitCode.Ok;
            }

            var auth = envelope["auth"] as JsonObject ?? throw new CliError(
                ExitCode.Server, "the server's answer holds no login", $"the method {name} answered without a token", "candlefish-secrets auth list");
            if (auth["mfa_requirement"] is JsonObject && JsonText.Plain(auth["client_token"]).Length == 0)
            {
                throw new CliError(
                    ExitCode.NotLoggedIn, "a second factor is required", "the login is complete only with it", "candlefish-secrets login --mfa METHOD_ID:PASSCODE …");
            }

            var stored = !parse.GetValue(noStore) && !parse.GetValue(print);
            if (stored)
            {
                var address = cli.Settings.ServerAddress().Value ?? "";
                new TokenStore(cli.Host).Save(cli.Settings.Context, address, JsonText.Plain(auth["client_token"]), isIssued: name != "token");
            }

            Report(cli, envelope, auth, name, parse.GetValue(print), parse.GetValue(noPrint));
            Overridden(cli, stored);
            return ExitCode.Ok;
        }));
        return command;
    }

    private static void Report(CliContext cli, JsonObject envelope, JsonObject auth, string method, bool printToken, bool noPrint)
    {
        if (printToken)
        {
            if (cli.Output.IsTerminal)
            {
                cli.Messages.Warn("the token is shown on this screen");
            }

            cli.Output.Text(JsonText.Plain(auth["client_token"]) + (cli.Output.IsTerminal ? "\n" : ""));
            return;
        }

        if (noPrint)
        {
            return;
        }

        if (!cli.Output.IsForPeople)
        {
            cli.Output.Write(SecretView.Of(envelope));
            return;
        }

        var who = JsonText.Plain((auth["metadata"] as JsonObject)?["username"]) is { Length: > 0 } user ? user
            : JsonText.Plain((auth["metadata"] as JsonObject)?["role_name"]) is { Length: > 0 } role ? role
            : JsonText.Plain(auth["display_name"]) is { Length: > 0 } shown ? shown
            : "token";
        var policies = string.Join(", ", (auth["policies"] as JsonArray ?? []).Select(static p => p?.ToString()));
        var seconds = SecretView.Seconds(auth["lease_duration"]);
        var expiry = seconds == 0 ? "Never expires" : "Expires in " + Durations.Human(seconds);
        cli.Messages.Done($"Logged in as {who} ({method}). Policies: {policies}. {expiry}. Next: candlefish-secrets kv list secret/");
    }

    /// <summary>A variable beats the store, so a login would have no effect: say so.</summary>
    private static void Overridden(CliContext cli, bool stored)
    {
        var source = cli.Settings[SettingRule.Token].Source;
        if (stored && source.StartsWith("env ", StringComparison.Ordinal))
        {
            cli.Messages.Warn($"{source[4..]} is set and is used instead of this login; unset it to use the login");
        }
    }
}
