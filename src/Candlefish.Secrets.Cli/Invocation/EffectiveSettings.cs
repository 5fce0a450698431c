using Candlefish.Secrets.Cli.Configuration;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>A value and where it came from, for example <c>env VAULT_ADDR</c>.</summary>
internal readonly record struct Setting(string? Value, string Source);

/// <summary>
/// Settings by precedence: flag, environment variable, repository file, context, default.
/// <c>CANDLEFISH_*</c> beats <c>VAULT_*</c>.
/// </summary>
internal sealed class EffectiveSettings
{
    private readonly Func<string, string?> _flag;
    private readonly CliHost _host;

    internal EffectiveSettings(Func<string, string?> flag, CliHost host, ContextFile contexts, RepositoryFile? repository)
    {
        _flag = flag;
        _host = host;
        Contexts = contexts;
        Repository = repository;
        var named = flag("context") ?? SettingRule.Context.Variables.Select(host.Variable).FirstOrDefault(static v => v is not null);
        if (named is not null && !contexts.Has(named))
        {
            throw CliError.Usage(
                $"unknown context \"{named}\"",
                Suggestion.Nearest(named, contexts.Names) is { } nearest ? $"did you mean \"{nearest}\"?" : "the configuration file has no such context",
                "candlefish-secrets context list");
        }

        Context = named ?? contexts.Current;
    }

    internal ContextFile Contexts { get; }

    internal RepositoryFile? Repository { get; }

    /// <summary>Name of the context in use, null for none.</summary>
    internal string? Context { get; }

    /// <summary>The effective value of a setting.</summary>
    internal Setting this[SettingRule rule]
    {
        get
        {
            if (_flag(rule.Name) is { } flag)
            {
                return new(flag, "flag --" + rule.Name);
            }

            foreach (var variable in rule.Variables)
            {
                if (_host.Variable(variable) is { } value)
                {
                    return new(value, "env " + variable);
                }
            }

            if (rule.FileKey is { } key)
            {
                if (Repository?.Value(key) is { } repository)
                {
                    return new(repository, "file .candlefish.yaml");
                }

                if (Context is not null && Contexts.Value(Context, key) is { } context)
                {
                    return new(context, "context " + Context);
                }
            }

            return rule.Default is null ? new(null, "unset") : new(rule.Default, "default");
        }
    }

    /// <summary>The environment in full (<c>production</c>), null when none is named.</summary>
    /// <exception cref="CliError">Not one of the four names or their short forms.</exception>
    internal string? EnvironmentName() => this[SettingRule.Environment].Value?.ToLowerInvariant() switch
    {
        null => null,
        "dev" or "development" => "development",
        "test" or "testing" => "testing",
        "stage" or "staging" => "staging",
        "prod" or "production" => "production",
        var other => throw CliError.Usage(
            $"unknown environment \"{other}\"", "the environments are development, testing, staging and production", "use --env dev, test, stage or prod"),
    };

    /// <summary>The server's address. Only the development environment has a default one.</summary>
    internal Setting ServerAddress()
    {
        var address = this[SettingRule.Address];
        if (address.Value is not null)
        {
            return address with { Value = address.Value.TrimEnd('/') };
        }

        return EnvironmentName() is null or "development"
            ? new("http://localhost:8200", "default")
            : throw CliError.Usage(
                $"no server address for the {EnvironmentName()} environment", "only development has a default address", "export VAULT_ADDR=https://HOST:8200");
    }

    /// <summary>The token: flag, variables, own store, then Vault's file.</summary>
    internal Setting TokenFor(string address)
    {
        var direct = this[SettingRule.Token];
        if (direct.Value is not null)
        {
            return direct with { Value = direct.Value.Trim() };
        }

        var store = new TokenStore(_host);
        return store.Read(Context, address) is { } stored ? new(stored, "login of context " + (Context ?? "default"))
            : store.ReadVaultFile() is { } vault ? new(vault, "file ~/.vault-token")
            : new(null, "unset");
    }

    /// <summary>An environment variable that is no setting of its own.</summary>
    internal string? Variable(string name) => _host.Variable(name);

    /// <summary>Whether a yes-or-no setting is on: <c>1</c>, <c>t</c>, <c>true</c>, <c>yes</c>.</summary>
    internal bool IsOn(SettingRule rule) => this[rule].Value?.ToLowerInvariant() is "1" or "t" or "true" or "yes";
}
