using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary><c>operator rekey</c>: new unseal (or recovery) key shares for the same data.</summary>
internal static class OperatorRekey
{
    internal static Command Build(Invoker invoker)
    {
        var key = Args.Optional("key", "Present key share, or - to read it from stdin");
        var init = Args.Switch("init", "Start a rekey");
        var cancel = Args.Switch("cancel", "Give the rekey up");
        var status = Args.Switch("status", "Show the progress");
        var verify = Args.Switch("verify", "The share is a new one, given to prove that it was kept");
        var target = Args.Text("target", "barrier (default) or recovery");
        var shares = Args.Number("key-shares", "Number of new shares, 5 by default");
        var threshold = Args.Number("key-threshold", "New shares needed to unseal, 3 by default");
        var nonce = Args.Text("nonce", "Nonce of the rekey in progress");
        var pgp = Args.List("pgp-keys", "Files of public PGP keys, one per new share");
        var backup = Args.Switch("backup", "Let the server keep the encrypted new shares");
        var retrieve = Args.Switch("backup-retrieve", "Show the kept shares");
        var remove = Args.Switch("backup-delete", "Delete the kept shares");
        var prove = Args.Switch("require-verification", "New shares count only after they were given back with -verify");
        var command = new Command("rekey", "Make new unseal key shares")
        {
            key, init, cancel, status, verify, target, shares, threshold, nonce, pgp, backup, retrieve, remove, prove,
        };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var root = parse.GetValue(target) switch
            {
                null or "barrier" => "sys/rekey",
                "recovery" or "hsm" => "sys/rekey-recovery-key",
                var other => throw CliError.Usage($"unknown target \"{other}\"", "it is barrier or recovery", "-target=barrier"),
            };
            var place = root + (parse.GetValue(verify) ? "/verify" : "/init");
            if (parse.GetValue(cancel))
            {
                await cli.Server.DeleteAsync(place, cancellation);
                cli.Output.Line("Success! Canceled rekeying (if it was started)");
            }
            else if (parse.GetValue(status))
            {
                Show(cli, (await cli.Server.ReadAsync(place, cancellation)).Body);
            }
            else if (parse.GetValue(retrieve))
            {
                cli.Output.Write(SecretView.Of((await cli.Server.ReadAsync(root + "/backup", cancellation)).Body));
            }
            else if (parse.GetValue(remove))
            {
                await cli.Server.DeleteAsync(root + "/backup", cancellation);
                cli.Output.Line("Success! Deleted the backup of the key shares (if it existed)");
            }
            else if (parse.GetValue(init))
            {
                var body = new JsonObject
                {
                    ["secret_shares"] = parse.GetValue(shares) ?? 5,
                    ["secret_threshold"] = parse.GetValue(threshold) ?? 3,
                    ["backup"] = parse.GetValue(backup),
                    ["require_verification"] = parse.GetValue(prove),
                };
                OperatorInit.AddKeys(cli, body, "pgp_keys", parse.GetValue(pgp));
                Show(cli, (await cli.Server.WriteAsync(place, body, cancellation)).Body);
            }
            else
            {
                await GiveShareAsync(cli, root, parse.GetValue(verify), parse.GetValue(nonce), parse.GetValue(key), cancellation);
            }

            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task GiveShareAsync(CliContext cli, string root, bool verify, string? nonce, string? key, CancellationToken cancellation)
    {
        if (nonce is null)
        {
            var state = (await cli.Server.ReadAsync(root + (verify ? "/verify" : "/init"), cancellation)).Body;
            if (state["started"]?.ToString() != "true")
            {
                throw new CliError(ExitCode.Conflict, "no rekey is in progress", "a share can be given only after -init", "candlefish-secrets operator rekey -init");
            }

            nonce = JsonText.Plain(state["nonce"]);
        }

        var body = new JsonObject { ["key"] = KeyShare.Read(cli, key, verify ? "New key share" : "Present key share"), ["nonce"] = nonce };
        var reply = (await cli.Server.WriteAsync(root + (verify ? "/verify" : "/update"), body, cancellation)).Body;
        if (reply["complete"]?.ToString() != "true" || reply["keys_base64"] is not JsonArray shares)
        {
            Show(cli, reply);
            return;
        }

        var text = new StringBuilder();
        for (var i = 0; i < shares.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"Key {i + 1}: {shares[i]}\n");
        }

        cli.Output.Write(new View(reply) { Text = text.ToString(), Fields = [reply] });
        cli.Messages.Warn("Store these apart. They are not shown again.");
    }

    private static void Show(CliContext cli, JsonObject state)
    {
        var rows = new List<(string, string)>();
        foreach (var (title, name) in new[]
        {
            ("Nonce", "nonce"), ("Started", "started"), ("Complete", "complete"), ("Rekey Progress", "progress"), ("New Shares", "n"),
            ("New Threshold", "t"), ("Verification Required", "verification_required"), ("Verification Nonce", "verification_nonce"),
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
