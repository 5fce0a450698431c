namespace Candlefish.Secrets.Vault.Hcl;

internal enum HclTokenKind
{
    End,
    Identifier,
    String,
    Heredoc,
    Number,
    Bool,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Assign,
    Comma,
}

/// <summary>A token of the native form. <paramref name="Text"/> is decoded: no quotes, no escapes.</summary>
internal readonly record struct HclToken(HclTokenKind Kind, string Text, HclPosition Position)
{
    /// <summary>Only the kind: the text may be a secret of a configuration.</summary>
    public override string ToString() => KindName;

    /// <summary>The kind in words, for messages.</summary>
    public string KindName => Kind switch
    {
        HclTokenKind.End => "the end of the text",
        HclTokenKind.Identifier => "a name",
        HclTokenKind.String => "a string",
        HclTokenKind.Heredoc => "a heredoc",
        HclTokenKind.Number => "a number",
        HclTokenKind.Bool => "a truth value",
        HclTokenKind.LeftBrace => "'{'",
        HclTokenKind.RightBrace => "'}'",
        HclTokenKind.LeftBracket => "'['",
        HclTokenKind.RightBracket => "']'",
        HclTokenKind.Assign => "'='",
        _ => "','",
    };
}
