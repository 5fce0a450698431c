namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>Counts what a document holds against <see cref="HclLimits"/>.</summary>
internal sealed class HclItemCounter
{
    private int _count;

    public void Count(HclPosition position)
    {
        if (++_count > HclLimits.MaxItems)
        {
            throw new HclException(position, $"expected at most {HclLimits.MaxItems} attributes, blocks and list elements");
        }
    }

    public static void CheckDepth(int depth, HclPosition position)
    {
        if (depth > HclLimits.MaxDepth)
        {
            throw new HclException(position, $"expected a nesting of at most {HclLimits.MaxDepth} levels");
        }
    }
}
