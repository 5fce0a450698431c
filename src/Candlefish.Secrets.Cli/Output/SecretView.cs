using System.Globalization;
using System.Text.Json.Nodes;
using Candlefish.Secrets.Cli.Invocation;

namespace Candlefish.Secrets.Cli.Output;

/// <summary>The view of a Vault envelope: lease, wrapping, login and data as one Key/Value table, in Vault's order and names.</summary>
internal static class SecretView
{
    /// <summary>Makes the view; <paramref name="isSecret"/> marks the values of <c>data</c> as secret.</summary>
    internal static View Of(JsonObject envelope, bool isSecret = false)
    {
        var head = new JsonObject();
        AddLease(head, envelope);
        AddWrapping(head, envelope["wrap_info"] as JsonObject);
        AddLogin(head, envelope["auth"] as JsonObject);
        var rows = head.Select(static p => (p.Key, JsonText.Plain(p.Value))).ToList();
        var firstData = rows.Count;
        var data = envelope["data"] as JsonObject ?? [];
        rows.AddRange(data.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => (p.Key, GoText.Of(p.Value))));
        return new View(envelope)
        {
            Sections = [Section.Pairs(rows) with { SecretFrom = isSecret ? firstData : null }],
            Fields = [data, FieldsOf(head, envelope)],
            Raw = data,
        };
    }

    /// <summary>Seconds as text, <c>∞</c> for 0.</summary>
    internal static string Lifetime(JsonNode? seconds) =>
        Seconds(seconds) is var value && value == 0 ? "∞" : Durations.Human(value);

    internal static long Seconds(JsonNode? node) =>
        long.TryParse(JsonText.Plain(node), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary><c>--field</c> takes durations in seconds, where the table shows them in words.</summary>
    private static JsonObject FieldsOf(JsonObject head, JsonObject envelope)
    {
        var fields = head.DeepClone().AsObject();
        foreach (var (name, source) in new[] { ("lease_duration", envelope), ("token_duration", envelope["auth"] as JsonObject) })
        {
            if (fields.ContainsKey(name))
            {
                fields[name] = source?["lease_duration"]?.DeepClone();
            }
        }

        foreach (var name in fields.Select(static p => p.Key).Where(static k => k.EndsWith(':')).ToList())
        {
            fields[name.TrimEnd(':')] = fields[name]?.DeepClone();
        }

        return fields;
    }

    private static void AddLease(JsonObject head, JsonObject envelope)
    {
        if (JsonText.Plain(envelope["lease_id"]) is { Length: > 0 } lease)
        {
            head["lease_id"] = lease;
            head["lease_duration"] = Durations.Human(Seconds(envelope["lease_duration"]));
            head["lease_renewable"] = envelope["renewable"]?.DeepClone();
        }
        else if (Seconds(envelope["lease_duration"]) > 0)
        {
            head["refresh_interval"] = Durations.Human(Seconds(envelope["lease_duration"]));
        }
    }

    private static void AddWrapping(JsonObject head, JsonObject? wrap)
    {
        if (wrap is null)
        {
            return;
        }

        head["wrapping_token:"] = wrap["token"]?.DeepClone();
        head["wrapping_accessor:"] = wrap["accessor"]?.DeepClone();
        head["wrapping_token_ttl:"] = Durations.Human(Seconds(wrap["ttl"]));
        head["wrapping_token_creation_time:"] = wrap["creation_time"]?.DeepClone();
        head["wrapping_token_creation_path:"] = wrap["creation_path"]?.DeepClone();
        if (JsonText.Plain(wrap["wrapped_accessor"]) is { Length: > 0 } wrapped)
        {
            head["wrapped_accessor:"] = wrapped;
        }
    }

    private static void AddLogin(JsonObject head, JsonObject? auth)
    {
        if (auth is null)
        {
            return;
        }

        head["token"] = auth["client_token"]?.DeepClone();
        head["token_accessor"] = auth["accessor"]?.DeepClone();
        head["token_duration"] = Lifetime(auth["lease_duration"]);
        head["token_renewable"] = auth["renewable"]?.DeepClone();
        head["token_policies"] = Names(auth["token_policies"]);
        head["identity_policies"] = Names(auth["identity_policies"]);
        head["policies"] = Names(auth["policies"]);
        foreach (var (key, value) in auth["metadata"] as JsonObject ?? [])
        {
            head["token_meta_" + key] = value?.DeepClone();
        }
    }

    private static string Names(JsonNode? list) => JsonText.Compact(list ?? new JsonArray()).Replace(",", " ", StringComparison.Ordinal);
}
