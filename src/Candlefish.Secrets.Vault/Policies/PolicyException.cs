using Candlefish.Secrets.Vault.Hcl;

namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// A policy text that cannot be accepted. The message is meant for the client: it says where, what and, where there is
/// a choice, what would be right.
/// </summary>
public sealed class PolicyException : Exception
{
    public PolicyException(string message) : base(message)
    {
    }

    internal PolicyException(HclException cause) : base($"failed to parse policy: {cause.Message}", cause)
    {
    }

    internal PolicyException(HclPosition position, string problem) : base($"failed to parse policy: {position}: {problem}")
    {
    }
}
