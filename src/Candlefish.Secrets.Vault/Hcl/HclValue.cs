using System.Globalization;

namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>What an <see cref="HclValue"/> holds.</summary>
public enum HclKind
{
    String,
    Number,
    Bool,
    List,

    /// <summary>Only as an element of a list: an object that is assigned to a name is an <see cref="HclBlock"/>.</summary>
    Object,
}

/// <summary>An immutable value: text, number, truth value, list, or an object inside a list.</summary>
public sealed class HclValue
{
    private HclValue(HclKind kind, HclPosition position, string text, IReadOnlyList<HclValue> items, HclBlock? body)
    {
        Kind = kind;
        Position = position;
        Text = text;
        Items = items;
        Body = body;
    }

    public HclKind Kind { get; }

    public HclPosition Position { get; }

    /// <summary>
    /// The text of a string; a number in decimal notation as JSON writes it; <c>true</c> or <c>false</c>; else empty.
    /// </summary>
    public string Text { get; }

    /// <summary>The elements of a list; else empty.</summary>
    public IReadOnlyList<HclValue> Items { get; }

    /// <summary>The content of an object; else <see langword="null"/>.</summary>
    public HclBlock? Body { get; }

    /// <summary>Reads a string. Other kinds are an <see cref="HclException"/>.</summary>
    public string AsString() => Kind == HclKind.String ? Text : throw Expected("a string");

    /// <summary><c>true</c>, <c>"true"</c>, <c>1</c>, <c>"1"</c> and their opposites, as Vault's configuration reads them.</summary>
    public bool AsBool() => Kind is HclKind.String or HclKind.Number or HclKind.Bool && TryReadBool(Text, out var value)
        ? value
        : throw Expected("true or false");

    /// <summary>A whole number, also in quotes.</summary>
    public long AsInteger() =>
        Kind is HclKind.String or HclKind.Number
        && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Expected("a whole number");

    /// <summary>Seconds as a number, or <c>"90"</c>, <c>"30s"</c>, <c>"1h30m"</c>, <c>"2d"</c>. Never negative.</summary>
    public TimeSpan AsDuration() => Kind is HclKind.String or HclKind.Number && HclDuration.TryParse(Text, out var value)
        ? value
        : throw Expected("a duration such as \"30s\" or \"1h30m\"");

    /// <summary>A list of strings; a single string is a list of one.</summary>
    public IReadOnlyList<string> AsStrings() => Kind switch
    {
        HclKind.String => [Text],
        HclKind.List => [.. Items.Select(item => item.Kind == HclKind.String ? item.Text : throw item.Expected("a string"))],
        _ => throw Expected("a list of strings"),
    };

    internal static HclValue String(string text, HclPosition position) => new(HclKind.String, position, text, [], null);

    internal static HclValue Number(string text, HclPosition position) => new(HclKind.Number, position, text, [], null);

    internal static HclValue Bool(bool value, HclPosition position) =>
        new(HclKind.Bool, position, value ? "true" : "false", [], null);

    internal static HclValue List(IReadOnlyList<HclValue> items, HclPosition position) =>
        new(HclKind.List, position, "", items, null);

    internal static HclValue Object(HclBlock body, HclPosition position) => new(HclKind.Object, position, "", [], body);

    internal HclException Expected(string what) => new(Position, $"expected {what}, found {KindName}");

    /// <summary>The words for true and false that Go's ParseBool knows: clients send all of them.</summary>
    internal static bool TryReadBool(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return value || text is "0" or "f" or "F" or "false" or "FALSE" or "False";
    }

    private string KindName => Kind switch
    {
        HclKind.String => "a string",
        HclKind.Number => "a number",
        HclKind.Bool => "a truth value",
        HclKind.List => "a list",
        _ => "an object",
    };
}
