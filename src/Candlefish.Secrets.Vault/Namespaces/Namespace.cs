namespace Candlefish.Secrets.Vault.Namespaces;

/// <summary>A tenant: its mounts, policies, tokens, identity and leases live below its own storage prefix.</summary>
/// <param name="Id">Short stable id; <c>root</c> for the root namespace. Ends tokens and lease ids of other namespaces.</param>
/// <param name="Path">Without leading slash, with a trailing one; empty for the root.</param>
/// <param name="StoragePrefix">Empty for the root, else <c>ns/ID/</c>.</param>
public sealed record Namespace(string Id, string Path, string StoragePrefix)
{
    public static readonly Namespace Root = new("root", "", "");

    public bool IsRoot => Path.Length == 0;
}
