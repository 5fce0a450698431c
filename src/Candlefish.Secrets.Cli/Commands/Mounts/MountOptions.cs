using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Cli.Commands.Mounts;

/// <summary>The flags that enable and tune share, under Vault's names.</summary>
internal sealed class MountOptions
{
    private readonly Option<string?> _description = Args.Text("description", "Description for people");
    private readonly Option<string?> _defaultTtl = Args.Text("default-lease-ttl", "Default lifetime of leases");
    private readonly Option<string?> _maxTtl = Args.Text("max-lease-ttl", "Maximum lifetime of leases");
    private readonly Option<int?> _version = Args.Number("version", "Engine version (kv: 1 or 2)");
    private readonly Option<string[]> _options = Args.List("options", "key=value for the engine, may be given several times");
    private readonly Option<string?> _visibility = Args.Text("listing-visibility", "unauth shows the mount before login");
    private readonly Option<string?> _tokenType = Args.Text("token-type", "Type of the tokens an auth method gives");

    /// <summary>Flags whose values are comma-separated lists, with their API names.</summary>
    private readonly (Option<string[]> Option, string Name)[] _lists =
    [
        (Args.List("audit-non-hmac-request-keys", "Request keys not hashed in the audit log"), "audit_non_hmac_request_keys"),
        (Args.List("audit-non-hmac-response-keys", "Response keys not hashed in the audit log"), "audit_non_hmac_response_keys"),
        (Args.List("passthrough-request-headers", "Request headers given to the engine"), "passthrough_request_headers"),
        (Args.List("allowed-response-headers", "Response headers the engine may set"), "allowed_response_headers"),
    ];

    internal void AddTo(Command command)
    {
        foreach (var option in (Option[])[_description, _defaultTtl, _maxTtl, _version, _options, _visibility, _tokenType, .. _lists.Select(static l => l.Option)])
        {
            command.Options.Add(option);
        }
    }

    internal string? Description(ParseResult parse) => parse.GetValue(_description);

    /// <summary>The engine's own options; null when none is given.</summary>
    internal JsonObject? Options(ParseResult parse)
    {
        var options = new JsonObject();
        foreach (var (key, value) in Args.Pairs("options", parse.GetValue(_options)))
        {
            options[key] = value;
        }

        if (parse.GetValue(_version) is { } version)
        {
            options["version"] = version.ToString(CultureInfo.InvariantCulture);
        }

        return options.Count > 0 ? options : null;
    }

    /// <summary>What belongs into <c>config</c> when enabling and to the top level when tuning.</summary>
    internal JsonObject Config(ParseResult parse)
    {
        var config = new JsonObject();
        foreach (var (name, option) in new[]
        {
            ("default_lease_ttl", _defaultTtl), ("max_lease_ttl", _maxTtl), ("listing_visibility", _visibility), ("token_type", _tokenType),
        })
        {
            if (parse.GetValue(option) is { } value)
            {
                config[name] = value;
            }
        }

        foreach (var (option, name) in _lists)
        {
            if (parse.GetResult(option) is { Implicit: false })
            {
                config[name] = new JsonArray([.. Args.Split(parse.GetValue(option)).Select(static v => (JsonNode?)v)]);
            }
        }

        return config;
    }
}
