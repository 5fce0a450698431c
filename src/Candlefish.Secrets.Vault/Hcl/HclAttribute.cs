namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>One <c>name = value</c> of a block. The name is unique in its block.</summary>
public sealed record HclAttribute(string Name, HclValue Value, HclPosition Position);
