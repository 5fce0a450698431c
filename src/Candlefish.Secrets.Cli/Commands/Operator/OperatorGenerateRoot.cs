using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary>
/// <c>operator generate-root</c>: a new root token from a quorum of key shares. The server returns it
/// as <c>base64(token XOR one-time password)</c>, so only who holds the password can read it.
/// </summary>
internal static class OperatorGenerateRoot
{
    private const string Attempt = "sys/generate-root/attempt";

    internal static Command Build(Invoker invoker)
    {
        var key = Args.Optional("key", "Key share, or - to read it from stdin");
        var init = Args.Switch("init", "Start; the server makes the one-time password unless -otp or -pgp-key is given");
        var cancel = Args.Switch("cancel", "Give it up");
        var status = Args.Switch("status", "Show the progress");
        var decode = Args.Text("decode", "Encoded token to decode with -otp");
        var otp = Args.Text("otp", "One-time password");
        var generate = Args.Switch("generate-otp", "Print a one-time password");
        var nonce = Args.Text("nonce", "Nonce of the attempt in progress");
        var pgp = Args.Text("pgp-key", "File of a public PGP key to encrypt the token to");
        var command = new Command("generate-root", "Make a new root token from a quorum of key shares")
        {
            key, init, cancel, status, decode, otp, generate, nonce, pgp,
        };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            if (parse.GetValue(decode) is { } encoded)
            {
                var token = Decode(encoded == "-" ? cli.Host.ReadInput().Trim() : encoded, parse.GetValue(otp) ?? cli.Prompt.Secret("One-time password", "-otp"));
                var document = new JsonObject { ["token"] = token };
                cli.Output.Write(new View(document) { Text = token + "\n", Fields = [document] });
            }
            else if (parse.GetValue(generate))
            {
                var length = (int)SecretView.Seconds((await cli.Server.ReadAsync(Attempt, cancellation)).Body["otp_length"]);
                cli.Output.Text(RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length > 0 ? length : 28) + "\n");
            }
            else if (parse.GetValue(cancel))
            {
                await cli.Server.DeleteAsync(Attempt, cancellation);
                cli.Output.Line("Success! Root token generation canceled (if it was started)");
            }
            else if (parse.GetValue(status))
            {
                Show(cli, (await cli.Server.ReadAsync(Attempt, cancellation)).Body);
            }
            else if (parse.GetValue(init))
            {
                var body = new JsonObject();
                if (parse.GetValue(pgp) is { } file)
                {
                    body["pgp_key"] = OperatorInit.PgpKey(cli, file);
                }
                else if (parse.GetValue(otp) is { } password)
                {
                    body["otp"] = password;
                }

                Show(cli, (await cli.Server.WriteAsync(Attempt, body, cancellation)).Body);
            }
            else
            {
                await GiveShareAsync(cli, parse.GetValue(nonce), parse.GetValue(key), cancellation);
            }

            return ExitCode.Ok;
        }));
        return command;
    }

    /// <summary>Undoes <c>base64(token XOR otp)</c>; padding is optional.</summary>
    /// <exception cref="CliError">Not base64, or of another length than the password.</exception>
    internal static string Decode(string encoded, string otp)
    {
        try
        {
            var text = encoded.Trim().TrimEnd('=');
            var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
            var key = Encoding.UTF8.GetBytes(otp);
            if (bytes.Length == key.Length)
            {
                for (var i = 0; i < bytes.Length; i++)
                {
                    bytes[i] ^= key[i];
                }

                return Encoding.UTF8.GetString(bytes);
            }
        }
        catch (FormatException)
        {
            throw Broken("it is not base64");
        }

        throw Broken("it is not as long as the one-time password");
    }

    private static CliError Broken(string why) =>
        CliError.Usage("the encoded token cannot be decoded", why, "candlefish-secrets operator generate-root -decode=ENCODED -otp=OTP");

    private static async Task GiveShareAsync(CliContext cli, string? nonce, string? key, CancellationToken cancellation)
    {
        if (nonce is null)
        {
            var state = (await cli.Server.ReadAsync(Attempt, cancellation)).Body;
            if (state["started"]?.ToString() != "true")
            {
                throw new CliError(
                    ExitCode.Conflict, "no root token generation is in progress", "a share can be given only after -init", "candlefish-secrets operator generate-root -init");
            }

            nonce = JsonText.Plain(state["nonce"]);
        }

        var body = new JsonObject { ["key"] = KeyShare.Read(cli, key, "Unseal key share"), ["nonce"] = nonce };
        Show(cli, (await cli.Server.WriteAsync("sys/generate-root/update", body, cancellation)).Body);
    }

    private static void Show(CliContext cli, JsonObject state)
    {
        var rows = new List<(string, string)>();
        foreach (var (title, name) in new[]
        {
            ("Nonce", "nonce"), ("Started", "started"), ("Progress", "progress"), ("Complete", "complete"), ("PGP Fingerprint", "pgp_fingerprint"),
            ("Encoded Token", "encoded_token"), ("OTP", "otp"), ("OTP Length", "otp_length"),
        })
        {
            if (JsonText.Plain(state[name]) is { Length: > 0 } text)
            {
                rows.Add((title, name == "progress" && state["required"] is { } required ? $"{text}/{required}" : text));
            }
        }

        cli.Output.Write(new View(state) { Sections = [Section.Pairs(rows)], Fields = [state] });
    }
}
