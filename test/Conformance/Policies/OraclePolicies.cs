using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>One <c>path</c> block. Parameter lists are objects of arrays; an empty array means any value.</summary>
internal sealed record OracleRule(string Pattern, string[] Capabilities)
{
    public JsonObject? Allowed { get; init; }

    public JsonObject? Denied { get; init; }

    public string[]? Required { get; init; }

    /// <summary>Seconds; 0 = not set.</summary>
    public int MinWrap { get; init; }

    /// <summary>Seconds; 0 = not set.</summary>
    public int MaxWrap { get; init; }

    /// <summary>The block as HCL.</summary>
    public string ToHcl()
    {
        var text = new StringBuilder();
        text.Append("path ").Append(Quote(Pattern)).Append(" {\n  capabilities = ").Append(List(Capabilities)).Append('\n');
        AppendMap(text, "allowed_parameters", Allowed);
        AppendMap(text, "denied_parameters", Denied);
        if (Required is not null)
            text.Append("  required_parameters = ").Append(List(Required)).Append('\n');
        if (MinWrap > 0)
            text.Append("  min_wrapping_ttl = ").Append(MinWrap).Append('\n');
        if (MaxWrap > 0)
            text.Append("  max_wrapping_ttl = \"").Append(MaxWrap).Append("s\"\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>The block as the value of a member of <c>path</c> in a JSON policy.</summary>
    public JsonObject ToJson()
    {
        var block = new JsonObject { ["capabilities"] = new JsonArray([.. Capabilities.Select(c => (JsonNode)c)]) };
        if (Allowed is not null)
            block["allowed_parameters"] = Allowed.DeepClone();
        if (Denied is not null)
            block["denied_parameters"] = Denied.DeepClone();
        if (Required is not null)
            block["required_parameters"] = new JsonArray([.. Required.Select(r => (JsonNode)r)]);
        if (MinWrap > 0)
            block["min_wrapping_ttl"] = MinWrap + "s";
        if (MaxWrap > 0)
            block["max_wrapping_ttl"] = MaxWrap;
        return block;
    }

    private static void AppendMap(StringBuilder text, string name, JsonObject? map)
    {
        if (map is null)
            return;
        text.Append("  ").Append(name).Append(" = {\n");
        foreach ((string key, JsonNode? values) in map)
            text.Append("    ").Append(Quote(key)).Append(" = ").Append(values!.ToJsonString(Plain)).Append('\n');
        text.Append("  }\n");
    }

    private static string List(string[] texts) => "[" + string.Join(", ", texts.Select(Quote)) + "]";

    private static string Quote(string text) => JsonSerializer.Serialize(text, Plain);

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>A named policy; its text is HCL or JSON, which must not matter.</summary>
internal sealed record OraclePolicy(string Name, OracleRule[] Rules)
{
    public string ToText(bool asJson) => asJson
        ? new JsonObject { ["path"] = new JsonObject(Rules.Select(r => KeyValuePair.Create(r.Pattern, (JsonNode?)r.ToJson()))) }.ToJsonString()
        : string.Concat(Rules.Select(r => r.ToHcl()));
}

/// <param name="Operation">create, read, update, patch, delete, list, scan or help.</param>
/// <param name="NeedsSudo">The path is root-protected.</param>
internal sealed record OracleRequest(string Operation, string Path)
{
    public JsonObject? Data { get; init; }

    public int? WrapSeconds { get; init; }

    public bool NeedsSudo { get; init; }

    public override string ToString() =>
        $"{Operation} {Path} {Data?.ToJsonString()}{(WrapSeconds is { } s ? $" wrap={s}" : "")}{(NeedsSudo ? " sudo" : "")}";
}
