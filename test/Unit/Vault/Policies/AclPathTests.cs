using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>Which pattern decides, and what it grants .</summary>
public sealed class AclPathTests
{
    [Theory]
    // nothing matched is a refusal; help is always allowed.
    [InlineData("A-1", "", "read a", "NothingMatches")]
    [InlineData("A-1", "b = read", "read a", "NothingMatches")]
    [InlineData("A-1", "", "help a", "ok")]
    [InlineData("A-1", "a = deny", "help a", "ok")]
    [InlineData("A-1", "* = deny", "help! sys/raw", "ok")]
    [InlineData("A-1", "a = read", "read ", "NothingMatches")]
    // an exact path beats every pattern.
    [InlineData("A-2", "a/b = read", "read a/b", "ok")]
    [InlineData("A-2", "a/b = read", "read a/b/", "NothingMatches")]
    [InlineData("A-2", "a/b = read", "read a/bc", "NothingMatches")]
    [InlineData("A-2", "a/b = read", "read a", "NothingMatches")]
    [InlineData("A-2", "a/b = read", "read A/b", "NothingMatches")]
    [InlineData("A-2", "a/b = list; a/* = read", "read a/b", "CapabilityMissing")]
    [InlineData("A-2", "a/b = read; a/+ = deny; a/* = deny; * = deny", "read a/b", "ok")]
    [InlineData("A-2", "a/b = deny; a/+ = read; a/* = read", "read a/b", "ExplicitDeny")]
    [InlineData("A-2", "/a/b = read", "read a/b", "ok")]
    // what a pattern matches.
    [InlineData("A-3", "* = read", "read anything/at/all", "ok")]
    [InlineData("A-3", "a/* = read", "read a/b", "ok")]
    [InlineData("A-3", "a/* = read", "read a/b/c/d", "ok")]
    [InlineData("A-3", "a/* = read", "read a/", "ok")]
    [InlineData("A-3", "a/* = read", "read a", "NothingMatches")]
    [InlineData("A-3", "a/b* = read", "read a/bc/d", "ok")]
    [InlineData("A-3", "a/b* = read", "read a/b", "ok")]
    [InlineData("A-3", "a/b* = read", "read a/cb", "NothingMatches")]
    [InlineData("A-3", "a/*/c = read", "read a/b/c", "NothingMatches")]
    [InlineData("A-3", "a/*/c = read", "read a/*/c", "ok")]
    [InlineData("A-3", "a*b* = read", "read axb", "NothingMatches")]
    [InlineData("A-3", "a*b* = read", "read a*bcd", "ok")]
    [InlineData("A-3", "a/+ = read", "read a/b", "ok")]
    [InlineData("A-3", "a/+ = read", "read a/b/c", "NothingMatches")]
    [InlineData("A-3", "a/+ = read", "read a", "NothingMatches")]
    [InlineData("A-3", "a/+/c = read", "read a/b/c", "ok")]
    [InlineData("A-3", "a/+/c = read", "read a/b/x/c", "NothingMatches")]
    [InlineData("A-3", "a/+/c = read", "read a/b/d", "NothingMatches")]
    [InlineData("A-3", "+/b = read", "read a/b", "ok")]
    [InlineData("A-3", "+ = read", "read a", "ok")]
    [InlineData("A-3", "+ = read", "read a/b", "NothingMatches")]
    [InlineData("A-3", "+/+/+ = read", "read a/b/c", "ok")]
    [InlineData("A-3", "a/+/c* = read", "read a/b/cd", "ok")]
    [InlineData("A-3", "a/+/c* = read", "read a/b/cd/e/f", "ok")]
    [InlineData("A-3", "a/+/c* = read", "read a/b/d", "NothingMatches")]
    [InlineData("A-3", "a/+/* = read", "read a/b/c/d", "ok")]
    [InlineData("A-3", "a/+/* = read", "read a/b/", "ok")]
    [InlineData("A-3", "a/+/* = read", "read a/b", "NothingMatches")]
    [InlineData("A-3", "a/+x = read", "read a/+x", "ok")]
    [InlineData("A-3", "a/+x = read", "read a/yx", "NothingMatches")]
    [InlineData("A-3", "a/+x* = read", "read a/+xyz", "ok")]
    [InlineData("A-3", "a/b+ = read", "read a/b+", "ok")]
    [InlineData("A-3", "a/b+ = read", "read a/bc", "NothingMatches")]
    [InlineData("A-3", "a/x+/+/c = read", "read a/x+/b/c", "ok")]
    [InlineData("A-3", "a/+/c = read", "read A/b/c", "NothingMatches")]
    // the single best pattern, rule by rule.
    [InlineData("A-4", "a/* = read; a/b/* = list", "read a/b/c", "CapabilityMissing")]
    [InlineData("A-4", "a/* = list; a/b/* = read", "read a/b/c", "ok")]
    [InlineData("A-4", "* = deny; a/* = read", "read a/b", "ok")]
    [InlineData("A-4", "a* = deny; a/b* = read; a/bc* = list", "read a/bb", "ok")]
    [InlineData("A-4", "a/+/c = list; a/b/* = read", "read a/b/c", "ok")]
    [InlineData("A-4", "a/+/c = read; a/b* = list", "read a/b/c", "CapabilityMissing")]
    [InlineData("A-4", "a/+/c = read; a/* = list", "read a/b/c", "ok")]
    [InlineData("A-4", "+/b/c = list; a/+/c = read", "read a/b/c", "ok")]
    [InlineData("A-4", "a/+/c = list; a/b/+ = read", "read a/b/c", "ok")]
    [InlineData("A-4", "a/+ = read; a/* = list", "read a/b", "ok")]
    [InlineData("A-4", "a/+/c = read; a/+/* = list", "read a/b/c", "ok")]
    [InlineData("A-4", "a/+/+ = read; a/+/c* = list", "read a/b/c", "ok")]
    [InlineData("A-4", "a/+/+/d = list; a/+/c/d = read", "read a/b/c/d", "ok")]
    [InlineData("A-4", "a/+/+/d* = list; a/+/c/* = read", "read a/b/c/d", "ok")]
    [InlineData("A-4", "a/+/c* = list; a/+/cd* = read", "read a/b/cde", "ok")]
    [InlineData("A-4", "a/+/* = list; a/+/c/* = read", "read a/b/c/d", "ok")]
    [InlineData("A-4", "+/b/+/d = list; +/+/ccc/d = read", "read a/b/ccc/d", "ok")]
    [InlineData("A-4", "+/+/c = list; +/b/+ = read", "read a/b/c", "ok")]
    [InlineData("A-4", "a/+ = read; a/+x = list", "read a/+x", "CapabilityMissing")]
    [InlineData("A-4", "a/+ = read; a/+x = list", "read a/y", "ok")]
    [InlineData("A-4", "a/b = read || a/* = deny", "read a/b", "ok")]
    [InlineData("A-4", "secret/* = read; secret/+/x = list; secret/a/+ = create", "create secret/a/x", "ok")]
    // deny.
    [InlineData("A-5", "a = deny,read", "read a", "ExplicitDeny")]
    [InlineData("A-5", "a = read; a = deny", "read a", "ExplicitDeny")]
    [InlineData("A-5", "a/* = read || a/* = deny", "read a/b", "ExplicitDeny")]
    [InlineData("A-5", "a/* = deny || a/* = read,create,update,delete,list,sudo", "delete a/b", "ExplicitDeny")]
    [InlineData("A-5", "a/* = deny; a/b = read", "read a/b", "ok")]
    [InlineData("A-5", "a/* = read; a/b = deny", "read a/b", "ExplicitDeny")]
    [InlineData("A-5", "a/+/c = deny; a/* = read", "read a/b/c", "ExplicitDeny")]
    [InlineData("A-5", "a = ", "read a", "CapabilityMissing")]
    [InlineData("A-5", "a = || a = read", "read a", "ok")]
    [InlineData("A-5", "a/b = ; a/* = read", "read a/b", "CapabilityMissing")]
    // Row 44: an explicit deny also stops every letter-case variant of its path; allows stay case-sensitive.
    [InlineData("A-5", "a/* = read; a/b = deny", "read a/B", "ExplicitDeny")]
    [InlineData("A-5", "a/* = read; a/secret/* = deny", "read a/SeCrEt/x", "ExplicitDeny")]
    [InlineData("A-5", "a/* = read; a/+/key = deny", "read a/b/KEY", "ExplicitDeny")]
    [InlineData("A-5", "a/* = read; A/B = deny", "read a/b", "ExplicitDeny")]
    [InlineData("A-5", "a/B = read; a/b = deny", "read a/B", "ExplicitDeny")]
    [InlineData("A-5", "a/B* = read; a/b* = deny", "read a/Bc", "ExplicitDeny")]
    [InlineData("A-5", "a/b* = deny; a/Bc = read", "read a/Bc", "ok")]
    [InlineData("A-5", "a/b* = deny; a/Bc* = read", "read a/Bcd", "ok")]
    [InlineData("A-5", "+/a/b/+ = read; +/A/+/b = deny", "read q/a/b/b", "ok")]
    [InlineData("A-5", "+/a/+/b = read; +/A/b/+ = deny", "read q/a/b/b", "ExplicitDeny")]
    [InlineData("A-5", "a/* = read; a/étage = deny", "read a/ÉTAGE", "ExplicitDeny")]
    [InlineData("A-5", "a/* = read; a/kate = deny", "read a/\u212Aate", "ExplicitDeny")]
    [InlineData("A-5", "a/* = read; a/sam = deny", "read a/\u017Fam", "ExplicitDeny")]
    [InlineData("A-5", "a/* = list; a/b = deny", "list a/B", "ExplicitDeny")]
    [InlineData("A-5", "a/* = list; a/b/* = deny", "list a/B/", "ExplicitDeny")]
    [InlineData("A-5", "a/b = read", "read a/B", "NothingMatches")]
    [InlineData("A-5", "a/* = read; a/b = ", "read a/B", "ok")]
    // list and scan.
    [InlineData("A-6", "a/ = list; a = read", "list a", "ok")]
    [InlineData("A-6", "a/ = list; a = read", "list a/", "ok")]
    [InlineData("A-6", "a = list", "list a/", "ok")]
    [InlineData("A-6", "a = list", "list a", "ok")]
    [InlineData("A-6", "a/ = read; a = list", "list a/", "CapabilityMissing")]
    [InlineData("A-6", "a/ = read; a = list", "list a", "CapabilityMissing")]
    [InlineData("A-6", "a = deny; a/* = list", "list a/", "ExplicitDeny")]
    [InlineData("A-6", "a/* = list", "list a", "ok")]
    [InlineData("A-6", "a/* = list", "list a/", "ok")]
    [InlineData("A-6", "a* = list", "list a", "ok")]
    [InlineData("A-6", "+ = list", "list a", "ok")]
    [InlineData("A-6", "+ = list", "list a/", "ok")]
    [InlineData("A-6", "a/+ = list", "list a/b/", "ok")]
    [InlineData("A-6", "a/* = list; a/b/* = deny", "list a/b", "ExplicitDeny")]
    [InlineData("A-6", "a/* = list; a/b/* = deny", "list a/b/", "ExplicitDeny")]
    [InlineData("A-6", "a/* = list; a/b* = deny", "list a/b", "ExplicitDeny")]
    [InlineData("A-6", "a/* = list; a/b* = deny", "list a/b/", "ExplicitDeny")]
    [InlineData("A-6", "a/b/* = list; a/b* = deny", "list a/b", "ok")]
    [InlineData("A-6", "a/+/ = list; a/+ = deny", "list a/b", "ok")]
    [InlineData("A-6", "a/+/ = deny; a/+ = list", "list a/b", "ExplicitDeny")]
    [InlineData("A-6", "a/* = scan; a/b/* = deny", "scan a/b", "ExplicitDeny")]
    [InlineData("A-6", "a/* = scan", "scan a", "ok")]
    [InlineData("A-6", "a/ = scan", "scan a", "ok")]
    [InlineData("A-6", "a/* = list", "scan a", "CapabilityMissing")]
    [InlineData("A-6", "a/* = read", "read a", "NothingMatches")]
    // rules of one pattern are united.
    [InlineData("A-7", "a = read || a = list", "read a", "ok")]
    [InlineData("A-7", "a = read || a = list", "list a", "ok")]
    [InlineData("A-7", "a = read; a = update", "update a", "ok")]
    [InlineData("A-7", "a/+ = read || a/+ = delete", "delete a/b", "ok")]
    [InlineData("A-7", "a/* = read || a/b* = delete", "read a/b", "CapabilityMissing")]
    // decided by the very string; nothing is folded or cleaned.
    [InlineData("A-12", "a//b = read", "read a//b", "ok")]
    [InlineData("A-12", "a//b = read", "read a/b", "NothingMatches")]
    [InlineData("A-12", "a/b = read", "read a//b", "NothingMatches")]
    [InlineData("A-12", "a/+/b = read", "read a//b", "ok")]
    [InlineData("A-12", "a/%2e = read", "read a/.", "NothingMatches")]
    [InlineData("A-12", "secret/http://test.com = read", "read secret/http://test.com", "ok")]
    // capabilities of the operations.
    [InlineData("A-14", "a = create", "create a", "ok")]
    [InlineData("A-14", "a = create", "update a", "CapabilityMissing")]
    [InlineData("A-14", "a = update", "update a", "ok")]
    [InlineData("A-14", "a = update", "create a", "CapabilityMissing")]
    [InlineData("A-14", "a = update", "patch a", "CapabilityMissing")]
    [InlineData("A-14", "a = patch", "patch a", "ok")]
    [InlineData("A-14", "a = patch", "update a", "CapabilityMissing")]
    [InlineData("A-14", "a = delete", "delete a", "ok")]
    [InlineData("A-14", "a = create,update,patch,list,scan,sudo,subscribe,recover", "delete a", "CapabilityMissing")]
    [InlineData("A-14", "a = scan", "list a", "CapabilityMissing")]
    [InlineData("A-14", "a = read", "read! a", "SudoMissing")]
    [InlineData("A-14", "a = read,sudo", "read! a", "ok")]
    [InlineData("A-14", "a = sudo", "read! a", "CapabilityMissing")]
    [InlineData("A-14", "a = sudo", "read a", "CapabilityMissing")]
    [InlineData("A-14", "a = read || a = sudo", "read! a", "ok")]
    [InlineData("A-14", "a = sudo,read,deny", "read! a", "ExplicitDeny")]
    [InlineData("A-14", "a = recover,subscribe", "read a", "CapabilityMissing")]
    public void Decide_pathRow_isAsExpected(string id, string policies, string request, string expected) =>
        AclTable.Check(id, policies, request, expected);

    [Fact]
    public void Decide_root_allowsEverything()
    {
        var acl = Acl.Compile([Policy.Root], null);
        Assert.True(acl.IsRoot);
        Assert.All(["read a", "delete! sys/raw/x", "help a", "scan a/"], request =>
        {
            var decision = AclTable.Decide(acl, request);
            Assert.True(decision.IsAllowed && decision.IsRoot);
        });
    }

    [Fact]
    public void Compile_rootWithOthers_isRefused() =>
        Assert.Throws<ArgumentException>(() => Acl.Compile([Policy.Root, PolicyParser.Parse("p", "")], null));

    [Fact]
    public void Compile_nothing_allowsNothing()
    {
        Assert.False(AclTable.Decide(Acl.Compile([], null), "read a").IsAllowed);
        Assert.False(AclTable.Decide(Acl.Empty, "read a").IsAllowed);
        Assert.False(default(AclDecision).IsAllowed);
    }

    [Theory]
    [InlineData("a = read || a = list || a = read", "read a", "p1,p3")]
    [InlineData("a = read || a = list || a = read", "list a", "p2")]
    [InlineData("* = read || a = read", "read a", "p2")]
    [InlineData("a = read; a = list", "list a", "p1")]
    [InlineData("a = read", "list a", "")]
    [InlineData("a = read", "read b", "")]
    public void Decide_grantingPolicies_areThoseOfTheDecidingPattern(string policies, string request, string expected) =>
        Assert.Equal(expected, string.Join(',', AclTable.Decide(AclTable.Compile(policies), request).GrantingPolicies));

    [Theory]
    [InlineData("2030-01-01T00:00:01Z", "ok")]
    [InlineData("2030-01-01T00:00:00Z", "NothingMatches")]
    [InlineData("2029-12-31T23:59:59Z", "NothingMatches")]
    [InlineData("2030-01-01T02:00:00.5+02:00", "ok")]
    [InlineData("2030-01-01T01:59:59.5+02:00", "NothingMatches")]
    public void Decide_expiration_endsARule(string expiration, string expected) =>
        AclTable.Check("vault.md 2.8", $"a = read (expiration = \"{expiration}\")", "read a", expected);

    [Theory]
    [InlineData("a = deny (expiration = \"2029-01-01T00:00:00Z\") || a = read", "read a", "ok")]
    [InlineData("a = deny (expiration = \"2031-01-01T00:00:00Z\") || a = read", "read a", "ExplicitDeny")]
    [InlineData("a = read (expiration = \"2029-01-01T00:00:00Z\") || a = list", "read a", "CapabilityMissing")]
    [InlineData("a/b = list (expiration = \"2029-01-01T00:00:00Z\"); a/* = read", "read a/b", "ok")]
    [InlineData("a/b* = list (expiration = \"2029-01-01T00:00:00Z\"); a/* = read", "read a/bc", "ok")]
    [InlineData("a/+/c = list (expiration = \"2029-01-01T00:00:00Z\"); +/b/c = read", "read a/b/c", "ok")]
    [InlineData("a/+/c* = list (expiration = \"2029-01-01T00:00:00Z\"); a/+/* = read", "read a/b/cd", "ok")]
    [InlineData("a/* = read; a/b = deny (expiration = \"2029-01-01T00:00:00Z\")", "read a/B", "ok")]
    [InlineData("a/* = read; a/b = deny (expiration = \"2031-01-01T00:00:00Z\")", "read a/B", "ExplicitDeny")]
    public void Decide_expiredRule_leavesTheOthers(string policies, string request, string expected) =>
        AclTable.Check("vault.md 2.8", policies, request, expected);
}
