using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands;

/// <summary>
/// <c>generate</c>: random values. With <c>--out</c> a folder of mode 0700 with a 0600 file
/// <c>.env.new</c> that holds generated keys and the placeholders people have to fill in.
/// </summary>
internal static class GenerateCommand
{
    private static readonly string[] Kinds = ["password", "key", "hex", "token"];

    internal static Command Build(Invoker invoker)
    {
        var kind = Args.Optional("kind", "password (default), key (base64), hex or token (base64url)");
        var length = Args.Number("length", $"Characters of a password, {GeneratedValue.DefaultLength} by default");
        var charset = Args.Text("charset", "strong (default), alnum, hex or base64url");
        var bits = Args.Number("bits", "Size of a key, hex or token, 256 by default");
        var folder = Args.Text("out", "Write a set of values to a new folder there instead; \"\" for ~/.candlefish-secrets-TIME/");
        var command = new Command("generate", "Make random values") { kind, length, charset, bits, folder };
        command.SetAction(invoker.Run((cli, parse, _) =>
        {
            if (parse.GetValue(folder) is { } target)
            {
                WriteSet(cli, target);
                return Task.FromResult(ExitCode.Ok);
            }

            var size = parse.GetValue(bits) ?? 256;
            var value = (parse.GetValue(kind) ?? "password") switch
            {
                "password" => GeneratedValue.Password(parse.GetValue(length) ?? GeneratedValue.DefaultLength, parse.GetValue(charset) ?? "strong"),
                "key" => GeneratedValue.Key(size),
                "hex" => GeneratedValue.Hex(size),
                "token" => GeneratedValue.Token(size),
                var other => throw CliError.Usage(
                    $"unknown kind \"{other}\"",
                    Suggestion.Nearest(other, Kinds) is { } nearest ? $"did you mean \"{nearest}\"?" : "there is no such kind",
                    "use one of " + string.Join(", ", Kinds)),
            };
            var document = new JsonObject { ["value"] = value };
            cli.Output.Write(new View(document) { Text = value + "\n", Raw = document["value"], Fields = [document] });
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }

    private static void WriteSet(CliContext cli, string target)
    {
        var stamp = cli.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var folder = target.Length == 0
            ? Path.Combine(cli.Host.HomeFolder, $".candlefish-secrets-{stamp}")
            : Path.GetFullPath(Path.Combine(cli.Host.WorkingFolder, target));
        var path = Path.Combine(folder, ".env.new");
        if (File.Exists(path))
        {
            throw new CliError(ExitCode.Conflict, $"{path} exists already", "generated values are never overwritten", "name another folder");
        }

        if (cli.IsDryRun)
        {
            cli.Messages.Info($"dry run, nothing changed: would write {path}");
            return;
        }

        var text = new StringBuilder()
            .Append("# Made by candlefish-secrets generate. Fill in the placeholders, store the values, delete this file.\n")
            .Append("JWT_SECRET=").Append(GeneratedValue.Token(512)).Append('\n')
            .Append("ENCRYPTION_KEY=").Append(GeneratedValue.Hex(256)).Append('\n')
            .Append("SESSION_SECRET=").Append(GeneratedValue.Token(512)).Append('\n')
            .Append("POSTGRES_PASSWORD=").Append(GeneratedValue.Password(32, "alnum")).Append('\n')
            .Append("REDIS_PASSWORD=").Append(GeneratedValue.Password(32, "alnum")).Append('\n')
            .Append("AWS_ACCESS_KEY_ID=AKIA_YOUR_REAL_KEY\n")
            .Append("AWS_SECRET_ACCESS_KEY=your_real_secret_key\n");
        PrivateFile.Write(path, text.ToString());
        var document = new JsonObject { ["path"] = path };
        cli.Output.Write(new View(document) { Text = path + "\n", Fields = [document] });
    }
}
