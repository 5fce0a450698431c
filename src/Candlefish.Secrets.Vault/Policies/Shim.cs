// Stands in until the policy engine lands: whoever lands it deletes this file and adapts PolicyStore and RequestPipeline.AuthorizeAsync.
using Candlefish.Secrets.Vault.Requests;
namespace Candlefish.Secrets.Vault.Policies;
public sealed record Policy(string Name, string Text);
public static class PolicyParser { public static Policy Parse(string n, string t) => new(n, t); }
public static class DefaultPolicies { public static string? TextOf(string n) => n == "default" ? "" : null; }
public sealed record IdentityTemplateValues;
public readonly record struct AclRequest(Operation Operation, string Path, RequestData Data, TimeSpan? WrapTtl, bool IsRootProtected, DateTimeOffset Now);
public sealed record AclDecision(bool IsAllowed);
public sealed class Acl {
  public static readonly Acl Root = new();
  public static Acl Compile(IEnumerable<Policy> p, IdentityTemplateValues? v) => new();
  public AclDecision Decide(in AclRequest r) => new(ReferenceEquals(this, Root));
}
