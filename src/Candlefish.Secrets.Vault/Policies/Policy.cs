namespace Candlefish.Secrets.Vault.Policies;

/// <summary>A named, parsed ACL policy. Immutable; made by <see cref="PolicyParser"/>.</summary>
public sealed class Policy
{
    internal Policy(string name, string text, IReadOnlyList<PolicyRule> rules, IReadOnlyList<string> warnings)
    {
        Name = name;
        Text = text;
        Rules = rules;
        Warnings = warnings;
        NameList = [name];
    }

    /// <summary>The root policy: the only one that allows everything. It has no text and no rules.</summary>
    public static Policy Root { get; } = new(PolicyNames.Root, "", [], []);

    /// <summary>Canonical; see <see cref="PolicyNames"/>.</summary>
    public string Name { get; }

    /// <summary>The text to store and to read back: of the wrapped form, the inner rules.</summary>
    public string Text { get; }

    public IReadOnlyList<PolicyRule> Rules { get; }

    /// <summary>What the writer should know although the policy is accepted; one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Only <see cref="Root"/> itself; a text cannot make one.</summary>
    public bool IsRoot => ReferenceEquals(this, Root);

    /// <summary>The name as a list of one, shared by all its rules.</summary>
    internal IReadOnlyList<string> NameList { get; }
}
