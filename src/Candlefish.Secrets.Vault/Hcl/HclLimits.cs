namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>Bounds that keep a hostile document cheap to refuse.</summary>
public static class HclLimits
{
    /// <summary>Largest document, in UTF-8 bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Deepest nesting of blocks, objects and lists.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most attributes, blocks and list elements of one document, together.</summary>
    public const int MaxItems = 65_536;

    /// <summary>Most labels of one block.</summary>
    public const int MaxLabels = 8;
}
