namespace Candlefish.Secrets.Vault.Requests;

/// <summary>Type of a request parameter, as documented in the OpenAPI description and as read leniently.</summary>
public enum FieldKind
{
    Text,

    /// <summary>A whole number; numeric text is accepted.</summary>
    Whole,

    /// <summary>true or false; the texts "true", "false", "1", "0" are accepted.</summary>
    Flag,

    /// <summary>Seconds as a number, or a duration text.</summary>
    Duration,

    /// <summary>A list of texts; a comma-separated text is accepted.</summary>
    TextList,

    /// <summary>A map of text to text; a list of <c>k=v</c> texts is accepted.</summary>
    Map,

    /// <summary>Any JSON value.</summary>
    Any,

    /// <summary>A number with a fraction; numeric text is accepted.</summary>
    Number,
}

/// <summary>One documented parameter of a route.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="IsDeprecated">Still read; marked in the description.</param>
public sealed record Field(string Name, FieldKind Kind, string Description, bool IsRequired = false, bool IsDeprecated = false, string? Default = null)
{
    public static Field Text(string name, string description, string? @default = null) => new(name, FieldKind.Text, description, Default: @default);
    public static Field Whole(string name, string description, string? @default = null) => new(name, FieldKind.Whole, description, Default: @default);
    public static Field Flag(string name, string description, string? @default = null) => new(name, FieldKind.Flag, description, Default: @default);
    public static Field Duration(string name, string description, string? @default = null) => new(name, FieldKind.Duration, description, Default: @default);
    public static Field TextList(string name, string description) => new(name, FieldKind.TextList, description);
    public static Field Map(string name, string description) => new(name, FieldKind.Map, description);
    public static Field Any(string name, string description) => new(name, FieldKind.Any, description);
    public static Field Number(string name, string description) => new(name, FieldKind.Number, description);

    public Field Required() => this with { IsRequired = true };
    public Field Deprecated() => this with { IsDeprecated = true };
}
