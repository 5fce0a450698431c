namespace Candlefish.Secrets.Server.Configuration;

/// <summary><c>listener "tcp" { … }</c>.</summary>
internal static class ListenerReader
{
    private const long LargestBody = 1024L * 1024 * 1024;

    public static ListenerConfiguration Read(ConfigurationSection section, ConfigurationPaths paths)
    {
        if (section.Label != "tcp")
            throw section.Wrong("only listener \"tcp\" is available");
        if (!ListenAddress.TryParse(section.Text("address") ?? "127.0.0.1:8200", out ListenAddress address))
            throw section.Wrong("address", "expected HOST:PORT such as 127.0.0.1:8200");
        ListenAddress? cluster = null;
        if (section.Text("cluster_address") is { Length: > 0 } text)
            cluster = ListenAddress.TryParse(text, out ListenAddress parsed, 8201) ? parsed : throw section.Wrong("cluster_address", "expected HOST:PORT such as 127.0.0.1:8201");
        var standard = new ListenerConfiguration { Address = address };
        ListenerConfiguration listener = standard with
        {
            ClusterAddress = cluster,
            Tls = TlsReader.Read(section, paths),
            MaxBodyBytes = ReadMaxBody(section) ?? standard.MaxBodyBytes,
            MaxRequestDuration = Positive(section.Duration("max_request_duration")) ?? standard.MaxRequestDuration,
            HeaderTimeout = Positive(section.Duration("http_read_header_timeout")) ?? standard.HeaderTimeout,
            IdleTimeout = Positive(section.Duration("http_idle_timeout")) ?? standard.IdleTimeout,
            ForwardedFor = ForwardedForReader.Read(section),
            ResponseHeaders = ReadResponseHeaders(section),
            UnauthenticatedMetrics = section.Sections("telemetry", 0).Select(ReadTelemetry).LastOrDefault(),
            UnauthenticatedRekey = IsExplicitlyFalse(section, "disable_unauthed_rekey_endpoints") | IsExplicitlyFalse(section, "disable_unauthed_generate_root_endpoints"),
        };
        section.Ignore("http_read_timeout", "slow bodies are ended by a minimum data rate and by max_request_duration");
        section.Ignore("http_write_timeout", "slow readers are ended by a minimum data rate");
        section.Ignore("proxy_protocol_behavior", "the PROXY protocol is not spoken; use x_forwarded_for_authorized_addrs");
        section.Ignore("proxy_protocol_authorized_addrs", "the PROXY protocol is not spoken; use x_forwarded_for_authorized_addrs");
        section.Ignore("require_request_header");
        section.WarnOfUnread();
        return listener;
    }

    private static long? ReadMaxBody(ConfigurationSection section) => section.Size("max_request_size") switch
    {
        null or 0 => null,
        > 0 and <= LargestBody and var bytes => bytes,
        _ => throw section.Wrong("max_request_size", "expected at most 1GB: bodies are held in memory"),
    };

    private static bool ReadTelemetry(ConfigurationSection telemetry)
    {
        bool value = telemetry.Flag("unauthenticated_metrics_access") ?? false;
        telemetry.WarnOfUnread();
        return value;
    }

    private static bool IsExplicitlyFalse(ConfigurationSection section, string name) => section.Flag(name) == false;

    // custom_response_headers { "default" = { "X-Name" = ["value"] } "2xx" = { … } "404" = { … } }
    private static IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, string>>> ReadResponseHeaders(ConfigurationSection section)
    {
        var byStatus = new Dictionary<string, IReadOnlyList<KeyValuePair<string, string>>>(StringComparer.Ordinal);
        foreach (ConfigurationSection headers in section.Sections("custom_response_headers", 0))
        {
            foreach ((string status, ConfigurationSection set) in headers.AllSections())
            {
                if (!IsStatus(status))
                    throw set.Wrong("expected \"default\", a status such as \"404\", or a class such as \"2xx\"");
                byStatus[status] = [.. set.Names.ToArray().Select(name => ReadHeader(set, name))];
            }
            headers.WarnOfUnread();
        }
        return byStatus;
    }

    private static KeyValuePair<string, string> ReadHeader(ConfigurationSection set, string name)
    {
        string value = string.Join(", ", set.Texts(name) ?? []);
        if (name.StartsWith("X-Vault-", StringComparison.OrdinalIgnoreCase))
            throw set.Wrong(name, "headers that begin with X-Vault- belong to the API");
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || value.Any(c => c is < ' ' or > '~'))
            throw set.Wrong(name, "expected a header name and printable ASCII values");
        return new KeyValuePair<string, string>(name, value);
    }

    private static bool IsStatus(string text) =>
        text == "default" || (text.Length == 3 && text[0] is >= '1' and <= '5' && (text[1..] == "xx" || (char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]))));

    private static TimeSpan? Positive(TimeSpan? value) => value > TimeSpan.Zero ? value : null;
}
