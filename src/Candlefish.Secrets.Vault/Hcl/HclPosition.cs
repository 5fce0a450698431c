namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>A place in the source text. Both numbers start at 1; a column counts UTF-16 units.</summary>
public readonly record struct HclPosition(int Line, int Column)
{
    public override string ToString() => $"line {Line}, column {Column}";
}
