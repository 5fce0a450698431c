using System.CommandLine;
using Candlefish.Secrets.Cli.Configuration;
using Candlefish.Secrets.Cli.Output;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>What a command works with: settings, output, messages, prompts and, on first use, the server.</summary>
internal sealed class CliContext : IDisposable
{
    private readonly GlobalOptions _globals;
    private readonly ParseResult _parse;
    private EffectiveSettings? _settings;
    private ServerApi? _server;

    internal CliContext(CliHost host, GlobalOptions globals, ParseResult parse)
    {
        Host = host;
        _globals = globals;
        _parse = parse;
        var ascii = IsOn("ascii") || !Utf8Locale(host);
        Messages = new Messages(host, IsOn("quiet"), ascii, Colour(host));
        Output = new DataWriter(host.Output, host.OutputIsTerminal, ChosenFormat(), Flag("field"), IsOn("reveal"), ascii);
        Prompt = new Prompt(host, Messages, IsOn("no-input"), IsOn("yes"));
    }

    internal CliHost Host { get; }

    internal DataWriter Output { get; }

    internal Messages Messages { get; }

    internal Prompt Prompt { get; }

    /// <summary>Settings are read on first use, so that local commands need no configuration at all.</summary>
    internal EffectiveSettings Settings => _settings ??= ReadSettings();

    /// <summary>The server, connected on first use.</summary>
    internal ServerApi Server => _server ??= new ServerApi(this);

    internal bool IsDryRun => IsOn("dry-run");

    internal bool IsVerbose => IsOn("verbose");

    internal bool IsDebug => IsOn("debug") || string.Equals(Host.Variable("LOG_LEVEL"), "DEBUG", StringComparison.OrdinalIgnoreCase);

    internal bool PrintsCurl => IsOn("output-curl");

    internal bool PrintsPolicy => IsOn("output-policy");

    internal string[] Factors => _parse.GetValue(_globals.Factors) ?? [];

    internal DateTimeOffset Now => Host.Clock.GetUtcNow();

    /// <summary>Reader of <c>key=value</c> arguments that warns about visible values.</summary>
    internal KeyValueArguments Data() => new(Host, Messages.Warn);

    public void Dispose() => _server?.Dispose();

    private string? Flag(string name) => _globals.Value(_parse, name);

    private bool IsOn(string name) => _globals.IsOn(_parse, name);

    /// <summary>Format by flag, variable, else by whether stdout is a terminal.</summary>
    private OutputFormat ChosenFormat()
    {
        var name = IsOn("json") ? "json"
            : Flag("output") ?? SettingRule.Output.Variables.Select(Host.Variable).FirstOrDefault(static v => v is not null);
        return name is not null ? OutputFormats.Parse(name) : Host.OutputIsTerminal ? OutputFormat.Table : OutputFormat.Tsv;
    }

    private bool Colour(CliHost host) => (Flag("color") ?? "auto") switch
    {
        "always" => true,
        "never" => false,
        "auto" => host.Variable("CLICOLOR_FORCE") == "1"
            || (host.ErrorIsTerminal && host.Variable("NO_COLOR") is null && host.Variable("TERM") != "dumb"),
        var other => throw CliError.Usage($"unknown value \"{other}\" of --color", "it is auto, always or never", "use --color auto"),
    };

    private static bool Utf8Locale(CliHost host) =>
        (host.Variable("LC_ALL") ?? host.Variable("LC_CTYPE") ?? host.Variable("LANG")) is not { } locale
        || locale.Contains("utf", StringComparison.OrdinalIgnoreCase)
        || !host.ErrorIsTerminal;

    private EffectiveSettings ReadSettings()
    {
        var repository = RepositoryFile.Find(Host);
        if (repository is { NeedsConfirmation: true })
        {
            var pair = string.Join(" and ", new[] { repository.Address, repository.CaCert }.Where(static p => p is not null));
            if (Prompt.CanAsk && Prompt.Confirm($"{repository.Folder}/.candlefish.yaml asks to use {pair}. Trust that for this checkout?"))
            {
                new ConfirmedCheckouts(Host).Add(repository.Folder, repository.Address, repository.CaCert);
                repository = RepositoryFile.Find(Host);
            }
            else
            {
                Messages.Warn($"the address and CA in {repository.Folder}/.candlefish.yaml are ignored until you confirm them once on a terminal");
            }
        }

        return new EffectiveSettings(Flag, Host, ContextFile.Load(Host), repository);
    }
}
