using System.Globalization;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Builtin.Audit;

/// <summary>Reads the options of an audit device and refuses names that nobody asked for: a typing error must not pass unseen.</summary>
internal sealed class DeviceOptionReader(string type, IReadOnlyDictionary<string, string> options)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The option; empty when it was not sent.</summary>
    public string Text(string name)
    {
        _read.Add(name);
        return options.GetValueOrDefault(name) ?? "";
    }

    /// <summary>One of a few words; the first is the default.</summary>
    public string OneOf(string name, params string[] words)
    {
        string text = Text(name);
        if (text.Length == 0)
            return words[0];
        return words.Contains(text, StringComparer.Ordinal)
            ? text
            : throw RequestRefused.BadRequest($"the option '{name}' of a {type} device must be one of: {string.Join(", ", words)}");
    }

    public TimeSpan Duration(string name, TimeSpan @default, TimeSpan most)
    {
        string text = Text(name);
        if (text.Length == 0)
            return @default;
        return WireTime.TryParseDuration(text, out TimeSpan value) && value > TimeSpan.Zero && value <= most
            ? value
            : throw RequestRefused.BadRequest(string.Create(CultureInfo.InvariantCulture, $"the option '{name}' of a {type} device must be a duration of at most {most.TotalSeconds} s"));
    }

    /// <summary>Refuses what was not read.</summary>
    public void End()
    {
        foreach (string name in options.Keys.Order(StringComparer.Ordinal))
        {
            if (!_read.Contains(name))
                throw RequestRefused.BadRequest($"unknown option '{(name.Length <= 64 ? name : name[..64])}' of a {type} device; known are: {string.Join(", ", _read.Order(StringComparer.Ordinal))}");
        }
    }
}
