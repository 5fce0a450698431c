using System.Text;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;

namespace Candlefish.Secrets.Tests.Conformance.Policies;

/// <summary>The product's decision function, fed with the oracle's records through its own parser.</summary>
internal sealed class ProductEngine
{
    private static readonly DateTimeOffset Now = new(2031, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private readonly Acl _acl;

    public ProductEngine(IReadOnlyList<OraclePolicy> policies, bool asJson) =>
        _acl = policies is [{ Name: "root" }] ? Acl.Root : Acl.Compile(policies.Select(p => PolicyParser.Parse(p.Name, p.ToText(asJson))), null);

    public bool Allows(OracleRequest request)
    {
        using RequestData? data = request.Data is null ? null : new RequestData(Encoding.UTF8.GetBytes(request.Data.ToJsonString()));
        return _acl.Decide(new AclRequest
        {
            Operation = Enum.Parse<Operation>(request.Operation, ignoreCase: true),
            Path = request.Path,
            Data = data,
            WrapTtl = request.WrapSeconds is { } s ? TimeSpan.FromSeconds(s) : null,
            IsRootProtected = request.NeedsSudo,
            Now = Now,
        }).IsAllowed;
    }

    /// <summary>The capability words that <c>sys/capabilities</c> would give.</summary>
    public Capability CapabilitiesOf(string path) => _acl.CapabilitiesOf(path, Now);
}
