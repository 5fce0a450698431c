using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Commands.Health;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Operator;

/// <summary><c>operator init</c>: makes the root key and shows the unseal key shares once.</summary>
internal static class OperatorInit
{
    internal static Command Build(Invoker invoker)
    {
        var shares = Args.Number("key-shares", "Number of unseal key shares, 5 by default");
        var threshold = Args.Number("key-threshold", "Shares needed to unseal, 3 by default");
        var pgp = Args.List("pgp-keys", "Files of public PGP keys, one per share, to encrypt the shares to");
        var rootPgp = Args.Text("root-token-pgp-key", "File of a public PGP key to encrypt the root token to");
        var recoveryShares = Args.Number("recovery-shares", "Number of recovery key shares (auto-unseal)");
        var recoveryThreshold = Args.Number("recovery-threshold", "Recovery shares needed (auto-unseal)");
        var recoveryPgp = Args.List("recovery-pgp-keys", "As -pgp-keys, for recovery shares");
        var status = Args.Switch("status", "Only tell: exit code 0 initialised, 1 error, 2 not initialised");
        var folder = Args.Text("out-dir", "Write each share and the root token to its own 0600 file there, show none");
        var command = new Command("init", "Initialise a new server")
        {
            shares, threshold, pgp, rootPgp, recoveryShares, recoveryThreshold, recoveryPgp, status, folder,
        };
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            if (parse.GetValue(status))
            {
                return await StatusAsync(cli, cancellation);
            }

            var body = new JsonObject();
            var sealType = JsonText.Plain((await SealStatus.ReadAsync(cli, cancellation))["type"]);
            var isAuto = sealType is { Length: > 0 } and not "shamir";
            AddNumber(body, "secret_shares", parse.GetValue(shares) ?? (isAuto ? null : 5));
            AddNumber(body, "secret_threshold", parse.GetValue(threshold) ?? (isAuto ? null : 3));
            AddNumber(body, "recovery_shares", parse.GetValue(recoveryShares) ?? (isAuto ? 5 : null));
            AddNumber(body, "recovery_threshold", parse.GetValue(recoveryThreshold) ?? (isAuto ? 3 : null));
            AddKeys(cli, body, "pgp_keys", parse.GetValue(pgp));
            AddKeys(cli, body, "recovery_pgp_keys", parse.GetValue(recoveryPgp));
            if (parse.GetValue(rootPgp) is { } file)
            {
                body["root_token_pgp_key"] = PgpKey(cli, file);
            }

            var reply = (await cli.Server.WriteAsync("sys/init", body, cancellation)).Body;
            if (parse.GetValue(folder) is { } target)
            {
                WriteFiles(cli, reply, Path.GetFullPath(Path.Combine(cli.Host.WorkingFolder, target)));
            }
            else
            {
                cli.Output.Write(ViewOf(reply, body));
                cli.Messages.Warn("Store these apart. They are not shown again.");
            }

            return ExitCode.Ok;
        }));
        return command;
    }

    /// <summary>Files are sent as base64; <c>keybase:</c> names are not looked up.</summary>
    internal static string PgpKey(CliContext cli, string file)
    {
        var text = File.ReadAllBytes(Path.Combine(cli.Host.WorkingFolder, file.TrimStart('@')));
        return text.AsSpan().StartsWith("-----BEGIN"u8) ? Encoding.UTF8.GetString(text) : Convert.ToBase64String(text);
    }

    internal static void AddKeys(CliContext cli, JsonObject body, string name, string[]? files)
    {
        if (Args.Split(files) is { Length: > 0 } all)
        {
            body[name] = new JsonArray([.. all.Select(f => (JsonNode?)PgpKey(cli, f))]);
        }
    }

    private static async Task<int> StatusAsync(CliContext cli, CancellationToken cancellation)
    {
        try
        {
            var reply = await cli.Server.ReadAsync("sys/init", cancellation);
            var done = reply.Body["initialized"]?.ToString() == "true";
            cli.Output.Write(new View(reply.Body) { Text = (done ? "Vault is initialized" : "Vault is not initialized") + "\n", Fields = [reply.Body] });
            return done ? ExitCode.Ok : StatusCommand.SealedCode;
        }
        catch (CliError error)
        {
            throw new CliError(ExitCode.Usage, error.Message, error.Why, error.Next);
        }
    }

    private static void AddNumber(JsonObject body, string name, int? value)
    {
        if (value is { } number)
        {
            body[name] = number;
        }
    }

    private static View ViewOf(JsonObject reply, JsonObject asked)
    {
        var text = new StringBuilder();
        Lines(text, "Unseal", reply["keys_base64"]);
        Lines(text, "Recovery", reply["recovery_keys_base64"]);
        text.Append("\nInitial Root Token: ").Append(JsonText.Plain(reply["root_token"])).Append('\n');
        var document = new JsonObject
        {
            ["unseal_keys_b64"] = reply["keys_base64"]?.DeepClone() ?? new JsonArray(),
            ["unseal_keys_hex"] = reply["keys"]?.DeepClone() ?? new JsonArray(),
            ["unseal_shares"] = asked["secret_shares"]?.DeepClone() ?? 1,
            ["unseal_threshold"] = asked["secret_threshold"]?.DeepClone() ?? 1,
            ["recovery_keys_b64"] = reply["recovery_keys_base64"]?.DeepClone() ?? new JsonArray(),
            ["recovery_keys_hex"] = reply["recovery_keys"]?.DeepClone() ?? new JsonArray(),
            ["recovery_keys_shares"] = asked["recovery_shares"]?.DeepClone() ?? 0,
            ["recovery_keys_threshold"] = asked["recovery_threshold"]?.DeepClone() ?? 0,
            ["root_token"] = reply["root_token"]?.DeepClone(),
        };
        return new View(document) { Text = text.ToString(), Fields = [document] };
    }

    private static void Lines(StringBuilder text, string kind, JsonNode? keys)
    {
        var number = 0;
        foreach (var key in keys as JsonArray ?? [])
        {
            text.Append(CultureInfo.InvariantCulture, $"{kind} Key {++number}: {key}\n");
        }
    }

    private static void WriteFiles(CliContext cli, JsonObject reply, string folder)
    {
        PrivateFile.CreateFolder(folder);
        foreach (var (kind, name) in new[] { ("unseal-key", "keys_base64"), ("recovery-key", "recovery_keys_base64") })
        {
            var number = 0;
            foreach (var key in reply[name] as JsonArray ?? [])
            {
                PrivateFile.Write(Path.Combine(folder, $"{kind}-{++number}"), key + "\n");
            }
        }

        PrivateFile.Write(Path.Combine(folder, "root-token"), JsonText.Plain(reply["root_token"]) + "\n");
        cli.Messages.Done($"key shares and root token are in {folder}, mode 0600: hand them to different people and remove them here");
    }
}
