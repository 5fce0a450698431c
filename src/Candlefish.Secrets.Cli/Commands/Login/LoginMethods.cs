using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Commands.Login;

/// <summary>The ways to log in: an existing token, or credentials posted to an auth method.</summary>
internal static class LoginMethods
{
    /// <summary>Checks a token and presents it like a login.</summary>
    internal static async Task<JsonObject> TokenAsync(CliContext cli, string[] words, CancellationToken cancellation)
    {
        var token = words switch
        {
            [] => cli.Prompt.Secret("Token", "the argument -, with the token on stdin"),
            ["-"] => cli.Host.ReadInput(),
            [var word] when word.StartsWith("token=", StringComparison.Ordinal) => cli.Data().Value(word["token=".Length..]),
            [var word] => Visible(cli, word),
            _ => throw CliError.Usage("the arguments do not fit", "the token method takes one token", "candlefish-secrets login -"),
        };
        token = token.Trim();
        if (token.Length == 0 || !token.All(static c => c is > ' ' and < (char)127))
        {
            throw CliError.Usage("that is not a token", "it is empty or holds characters no token has", "candlefish-secrets login");
        }

        var call = new VaultCall("GET", "auth/token/lookup-self") { Token = token, WrapTtl = "" };
        cli.Server.Preview(call);
        var reply = await cli.Server.RawAsync(call, cancellation);
        if (reply.Status == 403)
        {
            throw new CliError(
                ExitCode.NotLoggedIn, "invalid token: the server refuses it", "it is unknown, expired or revoked, or may not look itself up", "candlefish-secrets login")
            {
                RequestId = reply.RequestId, Status = reply.Status,
            };
        }

        var data = (await cli.Server.CheckAsync(call, reply, cancellation)).Data;
        return new JsonObject
        {
            ["request_id"] = "",
            ["lease_id"] = "",
            ["lease_duration"] = 0,
            ["renewable"] = false,
            ["data"] = null,
            ["warnings"] = null,
            ["auth"] = new JsonObject
            {
                ["client_token"] = token,
                ["accessor"] = data["accessor"]?.DeepClone(),
                ["policies"] = data["policies"]?.DeepClone(),
                ["token_policies"] = data["policies"]?.DeepClone(),
                ["identity_policies"] = data["identity_policies"]?.DeepClone(),
                ["metadata"] = data["meta"]?.DeepClone(),
                ["orphan"] = data["orphan"]?.DeepClone(),
                ["entity_id"] = data["entity_id"]?.DeepClone(),
                ["display_name"] = data["display_name"]?.DeepClone(),
                ["lease_duration"] = SecretView.Seconds(data["ttl"]),
                ["renewable"] = data["renewable"]?.DeepClone() ?? false,
            },
        };
    }

    /// <summary>Posts credentials; what is missing is asked for without echo or taken from the environment.</summary>
    internal static async Task<JsonObject> CredentialsAsync(CliContext cli, string method, string mount, string[] words, CancellationToken cancellation)
    {
        var body = new KeyValueArguments(cli.Host, static _ => { }).Parse(words);
        if (Array.Exists(words, IsVisibleSecret))
        {
            cli.Messages.Warn("a password on the command line is visible in the shell history and in process lists; use NAME=- or the prompt");
        }

        var path = $"auth/{mount.Trim('/')}/login";
        switch (method)
        {
            case "userpass" or "ldap" or "radius" or "okta":
                var user = JsonText.Plain(body["username"]) is { Length: > 0 } given ? given
                    : cli.Host.Variable("USER") ?? throw CliError.Usage("no user name is given", $"the method {method} needs one", "username=NAME");
                body.Remove("username");
                body["password"] ??= cli.Prompt.Secret($"Password of {user}", "password=- with the password on stdin");
                path += "/" + user;
                break;
            case "approle":
                body["role_id"] ??= cli.Host.Variable("VAULT_ROLE_ID") ?? throw CliError.Usage("no role_id is given", "the method approle needs one", "role_id=ID");
                if (body["secret_id"] is null && (cli.Host.Variable("VAULT_SECRET_ID") ?? Asked(cli)) is { } secret)
                {
                    body["secret_id"] = secret;
                }

                break;
            case "oidc":
                throw CliError.Usage("login with a browser is not available in this version", "the method oidc needs one", "candlefish-secrets login -method=userpass");
            default:
                // Any other method: the arguments are its login body.
                break;
        }

        var call = new VaultCall("PUT", path) { Body = JsonText.Utf8(body), Token = "" };
        cli.Server.Preview(call);
        var reply = await cli.Server.RawAsync(call, cancellation);
        if (reply.Status is 400 or 403)
        {
            throw new CliError(
                ExitCode.NotLoggedIn,
                "login refused: " + (string.Join("; ", reply.Errors().Select(ReplyErrors.Flat)) is { Length: > 0 } text ? text : "permission denied"),
                $"the method {method} at auth/{mount.Trim('/')}/ does not accept these credentials",
                "check them, then candlefish-secrets login again")
            {
                RequestId = reply.RequestId, Status = reply.Status,
            };
        }

        return (await cli.Server.CheckAsync(call, reply, cancellation)).Body;
    }

    private static bool IsVisibleSecret(string word) =>
        word.IndexOf('=') is > 0 and var at
        && word[..at] is "password" or "secret_id" or "jwt" or "token"
        && word.Length > at + 1 && word[at + 1] is not ('-' or '@');

    private static string? Asked(CliContext cli) => cli.Prompt.CanAsk ? cli.Prompt.Secret("Secret id", "secret_id=- with it on stdin") : null;

    private static string Visible(CliContext cli, string token)
    {
        cli.Messages.Warn("a token on the command line is visible in the shell history and in process lists; use - or the prompt");
        return token;
    }
}
