namespace Candlefish.Secrets.Vault.Hcl;

/// <summary>
/// The text is no valid HCL, or holds something else than its reader expects. The message says where and what was
/// expected; it names the kind of the token that was found, never its content, because configuration holds secrets.
/// </summary>
public sealed class HclException : Exception
{
    public HclException(HclPosition position, string problem) : base($"{position}: {problem}")
    {
        Position = position;
        Problem = problem;
    }

    public HclPosition Position { get; }

    /// <summary>The message without the position.</summary>
    public string Problem { get; }
}
