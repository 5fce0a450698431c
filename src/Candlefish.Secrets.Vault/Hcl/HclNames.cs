namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>The names of one block: each is assigned at most once, and never both assigned and opened as a block.</summary>
internal sealed class HclNames
{
    private readonly HashSet<string> _assigned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _blocks = new(StringComparer.Ordinal);

    public void AddAssigned(string name, HclPosition position)
    {
        if (_blocks.Contains(name) || !_assigned.Add(name))
        {
            throw Duplicate(position);
        }
    }

    public void AddBlock(string name, HclPosition position)
    {
        _blocks.Add(name);
        if (_assigned.Contains(name))
        {
            throw Duplicate(position);
        }
    }

    private static HclException Duplicate(HclPosition position) =>
        new(position, "expected each name at most once in a block, found a duplicate");
}
