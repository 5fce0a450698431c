using System.CommandLine;

namespace Candlefish.Secrets.Cli.Invocation;

/// <summary>The flags every command accepts.</summary>
internal sealed class GlobalOptions
{
    private readonly Dictionary<string, Option<string?>> _text = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Option<bool>> _switches = new(StringComparer.Ordinal);

    internal GlobalOptions()
    {
        Text("address", "Server address (CANDLEFISH_ADDR, VAULT_ADDR)", "-a");
        Text("token", "Token (CANDLEFISH_TOKEN, VAULT_TOKEN)");
        Text("context", "Named context (CANDLEFISH_CONTEXT)");
        Text("env", "Environment: dev, test, stage or prod (CANDLEFISH_ENV)");
        Text("namespace", "Namespace (VAULT_NAMESPACE)", "-n", "--ns");
        Text("ca-cert", "PEM file of the authorities to trust (VAULT_CACERT)");
        Text("ca-path", "Folder of such files (VAULT_CAPATH)");
        Text("client-cert", "PEM file of the client certificate (VAULT_CLIENT_CERT)");
        Text("client-key", "PEM file of its key (VAULT_CLIENT_KEY)");
        Text("tls-server-name", "Name to verify in the server's certificate (VAULT_TLS_SERVER_NAME)");
        Switch("tls-skip-verify", "Do not verify the server's certificate; only for loopback or --env dev");
        Switch("allow-insecure-url", "Allow plain http to another machine");
        Text("timeout", "Bound of one call, for example 30s (VAULT_CLIENT_TIMEOUT)");
        Text("retries", "Further attempts when the server does not answer (VAULT_MAX_RETRIES)");
        Text("output", "Format: table, json, jsonl, yaml, tsv, env, raw or none (CANDLEFISH_OUTPUT, VAULT_FORMAT)", "-o", "--format");
        Switch("json", "Same as --output json");
        Text("field", "Print this field only");
        Switch("reveal", "Show secret values on a terminal");
        Switch("quiet", "No messages on stderr except errors", "-q");
        Switch("verbose", "More detail", "-v");
        Switch("debug", "Show requests and times, never values (LOG_LEVEL=DEBUG)");
        Text("color", "auto, always or never (NO_COLOR, CLICOLOR_FORCE)");
        Switch("ascii", "No box characters and no emoji");
        Switch("no-input", "Never prompt", "--non-interactive");
        Switch("yes", "Answer confirmations with yes", "-y");
        Switch("dry-run", "Say what would be changed, change nothing");
        Switch("output-curl", "Print the curl call instead of making it", "--output-curl-string");
        Switch("output-policy", "Print the policy the call needs instead of making it");
        Text("wrap-ttl", "Wrap the answer in a single-use token with this lifetime (VAULT_WRAP_TTL)");
        Factors = new Option<string[]>("--mfa") { Description = "method_id[:passcode] of a second factor", Recursive = true, HelpName = "text" };
    }

    internal Option<string[]> Factors { get; }

    internal void AddTo(RootCommand root)
    {
        foreach (var option in _text.Values)
        {
            root.Options.Add(option);
        }

        foreach (var option in _switches.Values)
        {
            root.Options.Add(option);
        }

        root.Options.Add(Factors);
    }

    /// <summary>Value of a flag as text, <c>"true"</c> for a set switch, null when it is not given.</summary>
    internal string? Value(ParseResult parse, string name)
    {
        if (_text.TryGetValue(name, out var text))
        {
            return parse.GetValue(text);
        }

        return _switches.TryGetValue(name, out var option) && parse.GetResult(option) is { Implicit: false }
            ? (parse.GetValue(option) ? "true" : "false")
            : null;
    }

    internal bool IsOn(ParseResult parse, string name) => Value(parse, name) == "true";

    private void Text(string name, string description, params string[] aliases) =>
        _text.Add(name, new Option<string?>("--" + name, aliases) { Description = description, Recursive = true, HelpName = "text" });

    private void Switch(string name, string description, params string[] aliases) =>
        _switches.Add(name, new Option<bool>("--" + name, aliases) { Description = description, Recursive = true });
}
