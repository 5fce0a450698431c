using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>The words that policies and <c>sys/capabilities</c> use.</summary>
public static class CapabilityNames
{
    private static readonly (string Word, Capability Capability)[] s_words =
    [
        ("create", Capability.Create),
        ("delete", Capability.Delete),
        ("deny", Capability.Deny),
        ("list", Capability.List),
        ("patch", Capability.Patch),
        ("read", Capability.Read),
        ("recover", Capability.Recover),
        ("scan", Capability.Scan),
        ("subscribe", Capability.Subscribe),
        ("sudo", Capability.Sudo),
        ("update", Capability.Update),
    ];

    /// <summary>All words, in alphabetical order.</summary>
    public static IEnumerable<string> All => s_words.Select(entry => entry.Word);

    /// <summary>Reads one word; capital letters are not accepted.</summary>
    public static bool TryParse(string word, out Capability capability)
    {
        foreach (var entry in s_words)
        {
            if (entry.Word == word)
            {
                capability = entry.Capability;
                return true;
            }
        }

        capability = Capability.None;
        return false;
    }

    /// <summary>The legacy words of <c>policy = "…"</c>: deny, read, write and sudo.</summary>
    public static bool TryParseLegacy(string word, out Capability capabilities)
    {
        const Capability write = Capability.Create | Capability.Read | Capability.Update | Capability.Delete | Capability.List;
        capabilities = word switch
        {
            "deny" => Capability.Deny,
            "read" => Capability.Read | Capability.List,
            "write" => write,
            "sudo" => write | Capability.Sudo,
            _ => Capability.None,
        };
        return capabilities != Capability.None;
    }

    /// <summary>
    /// The words in alphabetical order, as <c>sys/capabilities</c> reports them. Deny, and nothing at all, are
    /// <c>deny</c> alone.
    /// </summary>
    public static IReadOnlyList<string> Of(Capability capabilities)
    {
        if (capabilities == Capability.None || capabilities.HasFlag(Capability.Deny))
        {
            return ["deny"];
        }

        return [.. s_words.Where(entry => capabilities.HasFlag(entry.Capability)).Select(entry => entry.Word)];
    }

    /// <summary>The capability that an operation needs; <see cref="Capability.None"/> for help, which needs none.</summary>
    public static Capability For(Operation operation) => operation switch
    {
        Operation.Create => Capability.Create,
        Operation.Read => Capability.Read,
        Operation.Update => Capability.Update,
        Operation.Patch => Capability.Patch,
        Operation.Delete => Capability.Delete,
        Operation.List => Capability.List,
        Operation.Scan => Capability.Scan,
        Operation.Help => Capability.None,
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };
}
