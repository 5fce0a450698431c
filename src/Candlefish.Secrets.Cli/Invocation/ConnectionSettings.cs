using System.Globalization;
using System.Net;
using Candlefish.Secrets.Client;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>Turns effective settings into connection options and enforces the rules about plain HTTP and TLS verification.</summary>
internal static class ConnectionSettings
{
    /// <exception cref="CliError">A setting is malformed or not allowed.</exception>
    internal static VaultConnectionOptions From(
        EffectiveSettings settings, IReadOnlyList<string> multiFactor, Action<string> warn, Action<ConnectionTrace>? trace)
    {
        var address = Address(settings);
        var local = IsLoopback(address);
        return new VaultConnectionOptions
        {
            Address = address,
            Token = Token(settings),
            Namespace = settings[SettingRule.Namespace].Value?.Trim('/'),
            CaFile = settings[SettingRule.CaCert].Value,
            CaDirectory = settings[SettingRule.CaPath].Value,
            ClientCertificateFile = settings[SettingRule.ClientCert].Value,
            ClientKeyFile = settings[SettingRule.ClientKey].Value,
            TlsServerName = settings[SettingRule.TlsServerName].Value,
            DangerousAcceptAnyServerCertificate = SkipsVerification(settings, local, warn),
            Timeout = Timeout(settings),
            Retries = Retries(settings),
            WrapTtl = settings[SettingRule.WrapTtl].Value,
            MultiFactor = multiFactor,
            Trace = trace,
        };
    }

    /// <summary>Whether the address names this machine only.</summary>
    internal static bool IsLoopback(Uri address) =>
        address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static Uri Address(EffectiveSettings settings)
    {
        var (text, source) = settings.ServerAddress();
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw CliError.Usage($"the server address \"{text}\" is not an http or https URL", $"it comes from {source}", "use https://HOST:8200");
        }

        if (address.UserInfo.Length > 0)
        {
            throw CliError.Usage("the server address holds a user name or password", $"it comes from {source}", "remove it from the URL and log in instead");
        }

        if (address.Scheme == "http" && !IsLoopback(address) && !settings.IsOn(SettingRule.AllowInsecureUrl))
        {
            throw CliError.Usage(
                $"plain http to {address.Host} is refused",
                "tokens and secrets would cross the network in clear",
                "use https, or --allow-insecure-url (CANDLEFISH_ALLOW_INSECURE_URL=1) on a network you trust");
        }

        return address;
    }

    private static string? Token(EffectiveSettings settings)
    {
        var (token, source) = settings.TokenFor(settings.ServerAddress().Value ?? "");
        return token is null || token.All(static c => c is > ' ' and < (char)127)
            ? token
            : throw CliError.Usage("the token holds characters no token has", $"it comes from {source}", "candlefish-secrets login");
    }

    private static bool SkipsVerification(EffectiveSettings settings, bool local, Action<string> warn)
    {
        var off = settings.IsOn(SettingRule.TlsSkipVerify)
            || (settings[SettingRule.TlsSkipVerify].Source == "default" && settings.Variable("VAULT_VERIFY_SSL") is "false" or "0");
        if (!off)
        {
            return false;
        }

        if (!local && settings.EnvironmentName() != "development")
        {
            throw CliError.Usage(
                "TLS verification cannot be switched off for this server",
                "it is not on this machine and the environment is not development, so anyone on the way could read the token",
                "trust the server's authority instead: --ca-cert FILE (VAULT_CACERT)");
        }

        warn("TLS verification is off: the server's identity is not checked");
        return true;
    }

    private static TimeSpan Timeout(EffectiveSettings settings)
    {
        var (text, source) = settings[SettingRule.Timeout];
        return Durations.TryParse(text ?? "", bareSeconds: true, out var timeout) && timeout > TimeSpan.Zero
            ? timeout
            : throw CliError.Usage("Invalid duration format", $"the timeout \"{text}\" comes from {source}", "use an integer and s, m, h or d: 30s");
    }

    private static int Retries(EffectiveSettings settings)
    {
        var (text, source) = settings[SettingRule.Retries];
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var retries) && retries <= 100
            ? retries
            : throw CliError.Usage("the number of retries is not a number from 0 to 100", $"it comes from {source}", "use --retries 2");
    }
}
