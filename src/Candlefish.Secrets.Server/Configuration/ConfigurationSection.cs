using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Server.Configuration;

/// <summary>
/// One block of a configuration file, read by name. What was never asked for is reported by <see cref="WarnOfUnread"/>:
/// a misspelled key must not be silently without effect. Errors name file and line, never a value.
/// </summary>
internal sealed class ConfigurationSection(HclBlock block, string file, string title, List<string> warnings)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Last label of the block: <c>tcp</c> of <c>listener "tcp"</c>.</summary>
    public string Label => block.Labels.Count > 0 ? block.Labels[^1] : "";

    public string? Text(string name) => Read(name, static v => v.AsString());

    public bool? Flag(string name) => Read(name, static v => (bool?)v.AsBool());

    public TimeSpan? Duration(string name) => Read(name, static v => (TimeSpan?)v.AsDuration());

    public IReadOnlyList<string>? Texts(string name) => Read(name, static v => v.AsStrings());

    /// <summary>A whole number within a range.</summary>
    public long? Whole(string name, long min, long max)
    {
        long? value = Read(name, static v => (long?)v.AsInteger());
        return value is null || (value >= min && value <= max) ? value : throw Wrong(name, $"expected a number between {min} and {max}");
    }

    /// <summary>A number of bytes, or a size such as <c>"128MB"</c>.</summary>
    public long? Size(string name)
    {
        if (Read(name, static v => v.Kind is HclKind.String or HclKind.Number ? v.Text : v.AsString()) is not { } text)
            return null;
        return ByteSize.TryParse(text, out long bytes) ? bytes : throw Wrong(name, "expected a size such as 1048576 or \"32MB\"");
    }

    /// <summary>One of a few words.</summary>
    public string? Choice(string name, params ReadOnlySpan<string> choices)
    {
        if (Text(name) is not { } text)
            return null;
        foreach (string choice in choices)
        {
            if (choice.Equals(text, StringComparison.OrdinalIgnoreCase))
                return choice;
        }
        throw Wrong(name, $"expected one of {string.Join(", ", choices.ToArray())}");
    }

    /// <summary>All blocks of a type with so many labels.</summary>
    public IReadOnlyList<ConfigurationSection> Sections(string type, int labels)
    {
        _read.Add(type);
        return At(() => block.Sections(type, labels)
            .Select(b => new ConfigurationSection(b, file, labels == 0 ? type : $"{type} \"{b.Labels[^1]}\"", warnings))
            .ToList());
    }

    /// <summary>The blocks inside, whatever their names: a map of maps.</summary>
    public IEnumerable<(string Name, ConfigurationSection Section)> AllSections()
    {
        foreach (HclBlock inner in block.Blocks)
        {
            _read.Add(inner.Type);
            yield return (inner.Type, new ConfigurationSection(inner, file, $"{title} {inner.Type}", warnings));
        }
    }

    public IEnumerable<string> Names => block.Attributes.Select(a => a.Name);

    /// <summary>The key is known but does nothing here: a warning says why, or none when <paramref name="reason"/> is empty.</summary>
    public void Ignore(string name, string reason = "")
    {
        _read.Add(name);
        HclPosition? position = PositionOf(name);
        if (position is { } found && reason.Length > 0)
            warnings.Add($"{file}:{found.Line}: {title}{Separator}'{name}' has no effect: {reason}");
    }

    /// <summary>Warns of every key that nothing asked for.</summary>
    public void WarnOfUnread()
    {
        foreach (HclAttribute attribute in block.Attributes)
            WarnUnlessRead(attribute.Name, attribute.Position);
        foreach (HclBlock inner in block.Blocks)
            WarnUnlessRead(inner.Type, inner.Position);
    }

    /// <summary>An error at a key; at the block itself when the key is not there.</summary>
    public ServerStartException Wrong(string name, string problem) =>
        new($"{file}:{(PositionOf(name) ?? block.Position).Line}: {title}{Separator}{name}: {problem}");

    /// <summary>An error about the block.</summary>
    public ServerStartException Wrong(string problem) => new($"{file}:{block.Position.Line}: {title}{Separator}{problem}");

    private string Separator => title.Length > 0 ? ": " : "";

    private void WarnUnlessRead(string name, HclPosition position)
    {
        if (_read.Add(name))
            warnings.Add($"{file}:{position.Line}: {title}{Separator}unknown key '{name}' is ignored: check its spelling");
    }

    private T? Read<T>(string name, Func<HclValue, T> convert)
    {
        _read.Add(name);
        return At(() => block.Value(name) is { } value ? convert(value) : default, name);
    }

    private T At<T>(Func<T> read, string name = "")
    {
        try
        {
            return read();
        }
        catch (HclException e)
        {
            string key = name.Length > 0 ? $"{name}: " : "";
            throw new ServerStartException($"{file}:{e.Position.Line}: {title}{Separator}{key}{e.Problem}", e);
        }
    }

    private HclPosition? PositionOf(string name)
    {
        foreach (HclAttribute attribute in block.Attributes)
        {
            if (attribute.Name == name)
                return attribute.Position;
        }
        foreach (HclBlock inner in block.Blocks)
        {
            if (inner.Type == name)
                return inner.Position;
        }
        return null;
    }
}
