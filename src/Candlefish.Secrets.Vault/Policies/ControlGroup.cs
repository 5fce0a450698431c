namespace Candlefish.Secrets.Vault.Policies;

/// <summary>
/// Approvals that a request on a path needs before it is executed (Vault API: <c>sys/control-group</c>).
/// </summary>
/// <param name="Ttl">How long the request waits and an approval counts; zero = the server's limit.</param>
/// <param name="SelfAuthAllowed">Whether the requester may approve its own request.</param>
/// <param name="Factors">Each of them must have its approvals. Never empty.</param>
public sealed record ControlGroup(TimeSpan Ttl, bool SelfAuthAllowed, IReadOnlyList<ControlGroupFactor> Factors)
{
    /// <summary>The factors that cover an operation; <see langword="null"/> when none does.</summary>
    internal ControlGroup? For(Capability operation)
    {
        var covering = Factors.Where(factor => factor.Controls(operation)).ToArray();
        return covering.Length == 0 ? null : this with { Factors = covering };
    }
}

/// <summary>One named set of approvers.</summary>
/// <param name="Name">Unique within its control group.</param>
/// <param name="ControlledCapabilities"><see cref="Capability.None"/> = all.</param>
/// <param name="GroupNames">Identity groups by name whose direct members may approve.</param>
/// <param name="GroupIds">Identity groups by id whose direct members may approve.</param>
/// <param name="Approvals">How many different entities must approve; at least 1.</param>
public sealed record ControlGroupFactor(
    string Name,
    Capability ControlledCapabilities,
    IReadOnlyList<string> GroupNames,
    IReadOnlyList<string> GroupIds,
    int Approvals)
{
    internal bool Controls(Capability operation) =>
        ControlledCapabilities == Capability.None || (ControlledCapabilities & operation) != 0;
}
