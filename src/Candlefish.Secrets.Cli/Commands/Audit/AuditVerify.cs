using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;
using Candlefish.Secrets.Vault.Audit;

namespace Candlefish.Secrets.Cli.Commands.Audit;

/// <summary><c>audit verify FILE…</c>: checks a trail offline - lines, sequence, hash chain, signatures. Exit code 9 when it is not intact.</summary>
internal static class AuditVerify
{
    internal static Command Build(Invoker invoker)
    {
        var files = Args.Many("files", "Files of one trail, oldest first");
        var file = Args.List("file", "The same as a flag");
        var anchor = Args.Text("anchor", "File with checkpoint lines that were kept elsewhere; each must be in the trail");
        var key = Args.Text("public-key", "PEM file, PEM text or base64 of the key that checkpoints must be signed with");
        var genesis = Args.Switch("from-genesis", "The trail must begin with the first line of its chain");
        var command = new Command("verify", "Verify an audit trail offline; exit code 9 when it is not intact") { files, file, anchor, key, genesis };
        command.SetAction(invoker.Run((cli, parse, _) =>
        {
            var paths = (parse.GetValue(files) ?? []).Concat(parse.GetValue(file) ?? []).Select(f => Path.Combine(cli.Host.WorkingFolder, f)).ToList();
            if (paths.Count == 0)
            {
                throw CliError.Usage("no trail is given", "audit verify reads files", "candlefish-secrets audit verify /var/log/audit.log");
            }

            var result = Verify(paths, new AuditVerifyOptions
            {
                PublicKey = KeyText(cli, parse.GetValue(key)),
                AnchorFile = parse.GetValue(anchor) is { } name ? Path.Combine(cli.Host.WorkingFolder, name) : "",
                FromGenesis = parse.GetValue(genesis),
            });
            foreach (var remark in result.Remarks)
            {
                cli.Messages.Warn(remark);
            }

            if (result is { IsValid: true, IsKeyGiven: false, Checkpoints: > 0 })
            {
                cli.Messages.Warn("the key was taken from the trail itself: this shows that it was not damaged, not who wrote it; give --public-key");
            }

            cli.Output.Write(ViewOf(cli, result));
            return Task.FromResult(result.IsValid ? ExitCode.Ok : ExitCode.Integrity);
        }));
        return command;
    }

    private static AuditVerifyResult Verify(List<string> paths, AuditVerifyOptions options)
    {
        try
        {
            return AuditVerifier.VerifyFiles(paths, options);
        }
        catch (FormatException wrong)
        {
            throw CliError.Usage(wrong.Message, "the verification was not started", "candlefish-secrets audit verify --help");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw CliError.Usage(exception.Message, "a file of the trail or the anchor cannot be opened", "name the files, oldest first");
        }
    }

    private static string KeyText(CliContext cli, string? key) =>
        key is null ? ""
        : key.Contains("-----BEGIN", StringComparison.Ordinal) || !File.Exists(Path.Combine(cli.Host.WorkingFolder, key)) ? key
        : cli.Data().ReadFile(key);

    private static View ViewOf(CliContext cli, AuditVerifyResult result)
    {
        var document = new JsonObject
        {
            ["valid"] = result.IsValid,
            ["entries"] = result.Entries,
            ["files"] = result.Files,
            ["first_sequence"] = result.FirstSequence,
            ["last_sequence"] = result.LastSequence,
            ["checkpoints"] = result.Checkpoints,
            ["entries_after_checkpoint"] = result.EntriesAfterCheckpoint,
            ["last_checkpoint"] = result.LastCheckpoint?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["head"] = result.Head,
            ["key_id"] = result.KeyId,
            ["break"] = result.Break is { } found
                ? new JsonObject
                {
                    ["file"] = found.File, ["line"] = found.Line, ["sequence"] = found.Sequence, ["reason"] = found.Reason, ["expected"] = found.Expected, ["found"] = found.Found,
                }
                : null,
        };
        var head = result.Head.Length > 8 ? result.Head[..8] + (cli.Messages.Ascii ? "..." : "…") : result.Head;
        var anchor = result.LastCheckpoint is { } at ? $"last anchor {at.ToUniversalTime():yyyy-MM-dd HH:mm}Z" : "no anchor";
        var text = result.Break is { } broken
            ? $"{cli.Messages.Cross} {broken}"
            : string.Create(CultureInfo.InvariantCulture, $"{cli.Messages.Tick} {result.Entries:N0} entries, {result.Files} files, chain ok, head {head}, {anchor}");
        return new View(document) { Text = text + "\n", Fields = [document] };
    }
}
