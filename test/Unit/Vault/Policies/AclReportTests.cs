using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>What is reported about a token's rights agrees with what is decided .</summary>
public sealed class AclReportTests
{
    [Theory]
    [InlineData("a = read,create", "a", "create,read")]
    [InlineData("a = read", "b", "deny")]
    [InlineData("a = ", "a", "deny")]
    [InlineData("a = read,deny", "a", "deny")]
    [InlineData("a = update,create,read,patch,delete,list,scan,sudo,subscribe,recover", "a", "create,delete,list,patch,read,recover,scan,subscribe,sudo,update")]
    [InlineData("a = read; a/ = list", "a", "list,read")]
    [InlineData("a/* = read,list", "a", "list")]
    [InlineData("a/* = read,list; a/b = deny", "a/B", "deny")]
    [InlineData("a/* = read,list; a/b/* = deny", "a/b", "read")]
    [InlineData("a/* = read,list; a/b/* = deny", "a/b/", "deny")]
    [InlineData("a = list", "a/", "list")]
    [InlineData("a = read (expiration = \"2029-01-01T00:00:00Z\")", "a", "deny")]
    public void CapabilitiesOf_row_isAsDecided(string policies, string path, string expected) =>
        Assert.Equal(expected, string.Join(',', CapabilityNames.Of(AclTable.Compile(policies).CapabilitiesOf(path, AclTable.Now))));

    [Fact]
    public void Rules_listsEveryLivePattern()
    {
        var rules = AclTable.Compile(
            "a = read || a = list; b/* = deny,read; c/+/d = update; e/+/* = create; f = ; g = read (expiration = \"2029-01-01T00:00:00Z\")").Rules(AclTable.Now);
        Assert.False(rules.Root);
        Assert.Equal(new() { ["a"] = Capability.Read | Capability.List, ["f"] = Capability.Deny }, rules.ExactPaths.ToDictionary());
        Assert.Equal(
            new() { ["b/"] = Capability.Deny, ["c/+/d"] = Capability.Update, ["e/+/*"] = Capability.Create },
            rules.GlobPaths.ToDictionary());
        Assert.True(Acl.Root.Rules(AclTable.Now).Root);
    }

    [Theory]
    [InlineData("secret/data/* = read", "secret/", true)]
    [InlineData("secret/data/* = read", "secret/data/x/", true)]
    [InlineData("secret/data/* = read", "kv/", false)]
    [InlineData("* = read", "secret/", true)]
    [InlineData("sec* = read", "secret/", true)]
    [InlineData("secret/a = read", "secret/", true)]
    [InlineData("secret = read", "secret/", false)]
    [InlineData("+/a = read", "secret/", true)]
    [InlineData("+/a = read", "secret/b/", false)]
    [InlineData("secret/+/x = read", "secret/a/", true)]
    [InlineData("secret/+/x = read", "secret/a/b/c/", false)]
    [InlineData("secret/+/x* = read", "secret/a/b/", false)]
    [InlineData("secret/+/x* = read", "secret/a/xy/", true)]
    [InlineData("secret/+x = read", "secret/", true)]
    [InlineData("secret/* = deny", "secret/", false)]
    [InlineData("secret/* = ", "secret/", false)]
    [InlineData("secret/* = read (expiration = \"2029-01-01T00:00:00Z\")", "secret/", false)]
    public void ReachesInto_row_isAsExpected(string policies, string prefix, bool expected) =>
        Assert.Equal(expected, AclTable.Compile(policies).ReachesInto(prefix, AclTable.Now));

    [Theory]
    [InlineData("a/* = subscribe (subscribe_event_types = [\"kv*\"])", "a/b", "kv-v2/data-write", true)]
    [InlineData("a/* = subscribe (subscribe_event_types = [\"kv*\"])", "a/b", "database/rotate", false)]
    [InlineData("a/* = subscribe (subscribe_event_types = [\"*\"])", "b", "kv-v2/data-write", false)]
    [InlineData("a/* = subscribe", "a/b", "kv-v2/data-write", false)]
    [InlineData("a/* = read (subscribe_event_types = [\"*\"])", "a/b", "kv-v2/data-write", false)]
    [InlineData("a/* = subscribe (subscribe_event_types = [\"*\"]); a/b = deny", "a/B", "kv-v2/data-write", false)]
    public void MaySubscribe_row_isAsExpected(string policies, string path, string type, bool expected) =>
        Assert.Equal(expected, AclTable.Compile(policies).MaySubscribe(path, type, AclTable.Now));

    [Fact]
    public void CapabilityNames_everyWord_isReadBack()
    {
        Assert.Equal(11, CapabilityNames.All.Count());
        Assert.All(CapabilityNames.All, word =>
        {
            Assert.True(CapabilityNames.TryParse(word, out var capability));
            Assert.Equal([word], CapabilityNames.Of(capability));
            Assert.False(CapabilityNames.TryParse(word.ToUpperInvariant(), out _));
        });
    }
}
