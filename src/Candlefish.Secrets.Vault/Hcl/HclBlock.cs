namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// A block <c>type "label" { … }</c>, an object <c>type = { … }</c> (the same thing without labels), or the top level.
/// </summary>
/// <remarks>
/// JSON has no labels: there <c>listener "tcp" { }</c> is <c>{"listener": {"tcp": {}}}</c>. Only the reader knows how
/// many labels a block has, so it asks for <see cref="Sections"/> with that number and gets the same blocks from
/// either form.
/// </remarks>
public sealed class HclBlock
{
    private readonly Dictionary<string, HclAttribute> _byName;

    internal HclBlock(
        string type,
        IReadOnlyList<string> labels,
        HclPosition position,
        IReadOnlyList<HclAttribute> attributes,
        IReadOnlyList<HclBlock> blocks)
    {
        Type = type;
        Labels = labels;
        Position = position;
        Attributes = attributes;
        Blocks = blocks;
        _byName = attributes.ToDictionary(attribute => attribute.Name, StringComparer.Ordinal);
    }

    public string Type { get; }

    public IReadOnlyList<string> Labels { get; }

    public HclPosition Position { get; }

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<HclAttribute> Attributes { get; }

    /// <summary>The blocks as written; see <see cref="Sections"/> for reading them by meaning.</summary>
    public IReadOnlyList<HclBlock> Blocks { get; }

    /// <summary>
    /// The value of an attribute; <see langword="null"/> when there is none of that name. A block of that name is an
    /// <see cref="HclException"/>: it would be overlooked.
    /// </summary>
    public HclValue? Value(string name)
    {
        if (_byName.TryGetValue(name, out var attribute))
        {
            return attribute.Value;
        }

        foreach (var block in Blocks)
        {
            if (block.Type == name)
            {
                throw new HclException(block.Position, "expected a value, found a block");
            }
        }

        return null;
    }

    /// <summary>
    /// All blocks of a type, each with exactly <paramref name="labels"/> labels, whether written natively, as nested
    /// objects or as a list of objects. Anything else under that name is an <see cref="HclException"/>.
    /// </summary>
    public IReadOnlyList<HclBlock> Sections(string type, int labels)
    {
        var found = new List<HclBlock>();
        foreach (var block in Blocks)
        {
            if (block.Type == type)
            {
                Collect(block, labels, found);
            }
        }

        if (_byName.TryGetValue(type, out var attribute))
        {
            foreach (var block in ListedBlocks(attribute))
            {
                Collect(block, labels, found);
            }
        }

        return found;
    }

    /// <summary>
    /// The only block of a type without labels; <see langword="null"/> when there is none. Two are an
    /// <see cref="HclException"/>.
    /// </summary>
    public HclBlock? Section(string type)
    {
        var found = Sections(type, labels: 0);
        return found.Count switch
        {
            0 => null,
            1 => found[0],
            _ => throw new HclException(found[1].Position, "expected this block only once"),
        };
    }

    /// <summary>The first attribute or block whose name is not among <paramref name="known"/>, and where it stands.</summary>
    public (string Name, HclPosition Position)? FirstUnknown(IReadOnlySet<string> known)
    {
        foreach (var attribute in Attributes)
        {
            if (!known.Contains(attribute.Name))
            {
                return (attribute.Name, attribute.Position);
            }
        }

        foreach (var block in Blocks)
        {
            if (!known.Contains(block.Type))
            {
                return (block.Type, block.Position);
            }
        }

        return null;
    }

    private static void Collect(HclBlock block, int labels, List<HclBlock> found)
    {
        if (block.Labels.Count == labels)
        {
            found.Add(block);
            return;
        }

        if (block.Labels.Count > labels)
        {
            throw new HclException(block.Position, $"expected a block with {labels} label(s), found {block.Labels.Count}");
        }

        foreach (var inner in block.Blocks)
        {
            Collect(block.Absorb(inner), labels, found);
        }

        foreach (var attribute in block.Attributes)
        {
            foreach (var inner in ListedBlocks(attribute))
            {
                Collect(block.Absorb(inner), labels, found);
            }
        }
    }

    private static IEnumerable<HclBlock> ListedBlocks(HclAttribute attribute)
    {
        var value = attribute.Value;
        if (value.Kind != HclKind.List)
        {
            throw value.Expected("a block");
        }

        foreach (var item in value.Items)
        {
            var body = item.Body ?? throw item.Expected("a block");
            yield return new HclBlock(attribute.Name, [], body.Position, body.Attributes, body.Blocks);
        }
    }

    private HclBlock Absorb(HclBlock inner) =>
        new(Type, [.. Labels, inner.Type, .. inner.Labels], inner.Position, inner.Attributes, inner.Blocks);
}
