using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary><c>secrets enable</c> and <c>auth enable</c>.</summary>
internal static class MountEnable
{
    internal static Command Build(Invoker invoker, MountKind kind)
    {
        var type = Args.Required("type", $"Type of the {kind.Noun}, for example {(kind == MountKind.Auth ? "userpass" : "kv-v2")}");
        var path = Args.Text("path", "Where to mount it; the type by default");
        var local = Args.Switch("local", "Not replicated");
        var sealWrap = Args.Switch("seal-wrap", "Wrap critical values with the seal");
        var entropy = Args.Switch("external-entropy-access", "Use the seal's source of randomness");
        var plugin = Args.Text("plugin-name", "Name of the plugin");
        var options = new MountOptions();
        var command = new Command("enable", $"Enable a {kind.Noun}") { type, path, local, sealWrap, entropy, plugin };
        options.AddTo(command);
        command.SetAction(invoker.Run(async (cli, parse, cancellation) =>
        {
            var name = parse.GetRequiredValue(type);
            name = name == "plugin" ? parse.GetValue(plugin) ?? name : name;
            var place = (parse.GetValue(path) ?? name).Trim('/');
            var body = new JsonObject
            {
                ["type"] = name,
                ["description"] = options.Description(parse) ?? "",
                ["config"] = options.Config(parse),
                ["local"] = parse.GetValue(local),
                ["seal_wrap"] = parse.GetValue(sealWrap),
                ["external_entropy_access"] = parse.GetValue(entropy),
            };
            if (options.Options(parse) is { } own)
            {
                body["options"] = own;
            }

            await cli.Server.WriteAsync($"{kind.Api}/{place}", body, cancellation);
            cli.Output.Line($"Success! Enabled {(kind == MountKind.Auth ? "" : "the ")}{name} {kind.Noun} at: {place}/");
            return ExitCode.Ok;
        }));
        return command;
    }
}
