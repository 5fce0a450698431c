namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// A parsed document: HCL version 1 in its native form, or the JSON form of the same. Both give the same tree, so a
/// reader of configuration does not know which one it reads.
/// </summary>
/// <remarks>Immutable. Reading is a walk with <see cref="HclBlock"/>'s members.</remarks>
public sealed class HclDocument
{
    internal HclDocument(HclBlock root) => Root = root;

    /// <summary>The top level: a block without type and labels.</summary>
    public HclBlock Root { get; }

    /// <summary>
    /// Parses native HCL, or JSON when the first character that is no white space is <c>{</c>. An
    /// <see cref="HclException"/> is the only way to fail.
    /// </summary>
    public static HclDocument Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var utf8 = HclText.ToUtf8(text);
        var start = text.AsSpan(HclText.ByteOrderMarkLength(text)).TrimStart(" \t\r\n");
        return new HclDocument(start.StartsWith('{') ? HclJsonParser.Parse(utf8) : HclParser.Parse(text));
    }
}
