namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>One setting: its flag, the variables that may set it (first wins), its key in files, its default.</summary>
/// <param name="Name">Long flag without dashes.</param>
/// <param name="Variables">Environment variables, <c>CANDLEFISH_*</c> before <c>VAULT_*</c>.</param>
/// <param name="FileKey">Key in a context and in the repository file; null when files may not set it.</param>
/// <param name="Default">Value when nothing sets it.</param>
internal sealed record SettingRule(string Name, string[] Variables, string? FileKey = null, string? Default = null)
{
    internal static readonly SettingRule Address = new("address", ["CANDLEFISH_ADDR", "VAULT_ADDR"], "address");
    internal static readonly SettingRule Token = new("token", ["CANDLEFISH_TOKEN", "VAULT_TOKEN"]);
    internal static readonly SettingRule Context = new("context", ["CANDLEFISH_CONTEXT"]);
    internal static readonly SettingRule Environment = new("env", ["CANDLEFISH_ENV"], "environment");
    internal static readonly SettingRule Namespace = new("namespace", ["CANDLEFISH_NAMESPACE", "VAULT_NAMESPACE"], "namespace");
    internal static readonly SettingRule CaCert = new("ca-cert", ["CANDLEFISH_CACERT", "VAULT_CACERT", "VAULT_CA_CERT"], "ca_cert");
    internal static readonly SettingRule CaPath = new("ca-path", ["VAULT_CAPATH"]);
    internal static readonly SettingRule ClientCert = new("client-cert", ["CANDLEFISH_CLIENT_CERT", "VAULT_CLIENT_CERT"]);
    internal static readonly SettingRule ClientKey = new("client-key", ["CANDLEFISH_CLIENT_KEY", "VAULT_CLIENT_KEY"]);
    internal static readonly SettingRule TlsServerName = new("tls-server-name", ["CANDLEFISH_TLS_SERVER_NAME", "VAULT_TLS_SERVER_NAME"]);
    internal static readonly SettingRule TlsSkipVerify = new("tls-skip-verify", ["VAULT_SKIP_VERIFY"], null, "false");
    internal static readonly SettingRule AllowInsecureUrl = new("allow-insecure-url", ["CANDLEFISH_ALLOW_INSECURE_URL"], null, "false");
    internal static readonly SettingRule Timeout = new("timeout", ["CANDLEFISH_TIMEOUT", "VAULT_CLIENT_TIMEOUT", "VAULT_TIMEOUT"], null, "60s");
    internal static readonly SettingRule Retries = new("retries", ["CANDLEFISH_RETRIES", "VAULT_MAX_RETRIES", "VAULT_RETRIES"], null, "2");
    internal static readonly SettingRule Output = new("output", ["CANDLEFISH_OUTPUT", "VAULT_FORMAT"]);
    internal static readonly SettingRule WrapTtl = new("wrap-ttl", ["CANDLEFISH_WRAP_TTL", "VAULT_WRAP_TTL"]);
    internal static readonly SettingRule AuthMethod = new("method", ["VAULT_AUTH_METHOD"], "auth_method");

    internal static readonly SettingRule[] All =
    [
        Address, Token, Context, Environment, Namespace, CaCert, CaPath, ClientCert, ClientKey, TlsServerName,
        TlsSkipVerify, AllowInsecureUrl, Timeout, Retries, Output, WrapTtl, AuthMethod,
    ];
}
