namespace Candlefish.Secrets.Tests.Support;

/// <summary>
/// The requirement ids that a test checks. The traceability table (<c>.specs/traceability.md</c>) is made from these.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class RequirementAttribute(params string[] ids) : Attribute
{
    public IReadOnlyList<string> Ids { get; } = ids;
}
