using System.CommandLine;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Commands.Config;

/// <summary><c>config explain</c>: each effective value and where it comes from. A token is only <c>set</c> or <c>unset</c>.</summary>
internal static class ConfigCommand
{
    internal static Command Build(Invoker invoker) => new("config", "Settings of this command line") { Explain(invoker) };

    private static Command Explain(Invoker invoker)
    {
        var command = new Command("explain", "Show each effective setting and its source");
        command.SetAction(invoker.Run((cli, _, _) =>
        {
            var document = new JsonArray();
            var rows = new List<IReadOnlyList<string>>();
            foreach (var rule in SettingRule.All)
            {
                var setting = rule == SettingRule.Address ? cli.Settings.ServerAddress()
                    : rule == SettingRule.Token ? cli.Settings.TokenFor(cli.Settings.ServerAddress().Value ?? "")
                    : rule == SettingRule.Context ? cli.Settings[rule] with { Value = cli.Settings.Context }
                    : rule == SettingRule.Environment ? cli.Settings[rule] with { Value = cli.Settings.EnvironmentName() }
                    : cli.Settings[rule];
                var value = rule == SettingRule.Token ? (setting.Value is null ? "unset" : "set") : setting.Value ?? "";
                document.Add((JsonNode)new JsonObject { ["name"] = rule.Name, ["value"] = value, ["source"] = setting.Source });
                rows.Add([rule.Name, value, $"({setting.Source})"]);
            }

            cli.Output.Write(ListView.Rows(document, ["Setting", "Value", "Source"], rows));
            return Task.FromResult(ExitCode.Ok);
        }));
        return command;
    }
}
