using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>Parameters, wrapping and their merging .</summary>
public sealed class AclConstraintTests
{
    private const string Denied = "ParameterDenied";
    private const string NotAllowed = "ParameterNotAllowed";
    private const string Missing = "ParameterMissing";

    [Theory]
    // Allowed parameters.
    [InlineData("A-8", "allowed_parameters = { \"a\" = [] }", "{\"a\":1}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [] }", "{\"b\":1}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [] }", "{\"a\":1,\"b\":1}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [] }", "{}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [] }", null, "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [], \"*\" = [] }", "{\"b\":1}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"*\" = [] }", "{\"b\":1}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\"], \"*\" = [] }", "{\"a\":\"y\",\"b\":1}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"*\" = [\"x\"] }", "{\"b\":\"y\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { }", "{\"b\":1}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":\"y\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":\"z\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = \"x\" }", "{\"a\":\"x\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\"] }", "{\"a\":\"X\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"\"] }", "{\"a\":\"\"}", "ok")]
    // Globs.
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"dev-*\"] }", "{\"a\":\"dev-1\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"dev-*\"] }", "{\"a\":\"prod-dev-1\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"*-dev\"] }", "{\"a\":\"x-dev\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"*-dev\"] }", "{\"a\":\"x-dev-y\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"*dev*\"] }", "{\"a\":\"x-dev-y\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"*\"] }", "{\"a\":\"anything\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x*y\"] }", "{\"a\":\"x1y\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x*y\"] }", "{\"a\":\"x*y\"}", "ok")]
    // Types.
    [InlineData("A-8", "allowed_parameters = { \"a\" = [5] }", "{\"a\":5}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [5] }", "{\"a\":5.0}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [5] }", "{\"a\":\"5\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"5\"] }", "{\"a\":5}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [5] }", "{\"a\":6}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [true] }", "{\"a\":true}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [true] }", "{\"a\":\"true\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [true] }", "{\"a\":false}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [true] }", "{\"a\":null}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [{ k = \"v\" }] }", "{\"a\":{\"k\":\"v\"}}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [{ k = \"v\" }] }", "{\"a\":{\"k\":\"v\",\"l\":1}}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [{ k = \"v\", l = { m = [1] } }] }", "{\"a\":{\"l\":{\"m\":[1]},\"k\":\"v\"}}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"*\"] }", "{\"a\":{\"k\":\"v\"}}", NotAllowed)]
    // Row 48: each element of a list and of a comma-separated string.
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":[\"x\",\"y\"]}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":[\"x\",\"z\"]}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":[[\"x\"],\"y\"]}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":[[\"x\",\"z\"],\"y\"]}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\"] }", "{\"a\":[\"x,z\"]}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":\"x,y\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":\"x, y\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":\"x,z\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x*\"] }", "{\"a\":\"x,z\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"*z\"] }", "{\"a\":\"x,z\"}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x,z\"] }", "{\"a\":\"x,z\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [[\"x\", \"z\"]] }", "{\"a\":[\"x\",\"z\"]}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [[\"x\", \"z\"]] }", "{\"a\":[\"z\",\"x\"]}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\"] }", "{\"a\":[]}", NotAllowed)]
    [InlineData("A-8", "allowed_parameters = { \"a\" = [\"x\"] }", "{\"a\":\"\"}", NotAllowed)]
    // Denied parameters.
    [InlineData("A-8", "denied_parameters = { \"a\" = [] }", "{\"a\":1}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [] }", "{\"b\":1}", "ok")]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":\"x\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":\"y\"}", "ok")]
    [InlineData("A-8", "denied_parameters = { \"*\" = [] }", "{\"b\":1}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"*\" = [] }", "{}", "ok")]
    [InlineData("A-8", "denied_parameters = { \"*\" = [] }", null, "ok")]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"root*\"] }", "{\"a\":\"root-2\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":[\"y\",\"x\"]}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":[\"y\",[\"x\"]]}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":\"y,x\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":\"y, x ,z\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":[\"y,x\"]}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"admin\"] }", "{\"a\":[\"ADMIN\"]}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"admin\"] }", "{\"a\":\" admin \"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"kate\"] }", "{\"a\":\"\u212Aate\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"pa\u017F*\"] }", "{\"a\":\"PASS\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [5] }", "{\"a\":\"5\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"5\"] }", "{\"a\":5.0}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [true] }", "{\"a\":\"1\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [true] }", "{\"a\":1}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":null}", "ok")]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] }", "{\"a\":[]}", "ok")]
    [InlineData("A-8", "denied_parameters = { \"a\" = [] } allowed_parameters = { \"a\" = [] }", "{\"a\":1}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] } allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":\"x\"}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"a\" = [\"x\"] } allowed_parameters = { \"a\" = [\"x\", \"y\"] }", "{\"a\":\"y\"}", "ok")]
    // Letter case of names.
    [InlineData("A-8", "denied_parameters = { \"Foo\" = [] }", "{\"foo\":1}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"foo\" = [] }", "{\"FOO\":1}", Denied)]
    [InlineData("A-8", "denied_parameters = { \"foo\" = [\"x\"], \"FOO\" = [] }", "{\"foo\":\"y\"}", Denied)]
    [InlineData("A-8", "allowed_parameters = { \"Foo\" = [\"x\"] }", "{\"fOO\":\"x\"}", "ok")]
    [InlineData("A-8", "allowed_parameters = { \"foo\" = [\"x\"] }", "{\"foo\":\"x\",\"FOO\":\"y\"}", NotAllowed)]
    // Required parameters.
    [InlineData("A-8", "required_parameters = [\"a\"]", "{\"a\":null}", "ok")]
    [InlineData("A-8", "required_parameters = [\"a\"]", "{\"b\":1}", Missing)]
    [InlineData("A-8", "required_parameters = [\"a\"]", "{}", Missing)]
    [InlineData("A-8", "required_parameters = [\"a\"]", null, Missing)]
    [InlineData("A-8", "required_parameters = [\"a\", \"b\"]", "{\"a\":1}", Missing)]
    [InlineData("A-8", "required_parameters = [\"A\"]", "{\"a\":1}", "ok")]
    [InlineData("A-8", "required_parameters = [\"A\"]", "{\"A\":1}", Missing)]
    [InlineData("A-8", "required_parameters = [\"a\"] denied_parameters = { \"a\" = [] }", "{\"a\":1}", Denied)]
    public void Decide_parameterRow_isAsExpected(string id, string constraint, string? body, string expected) =>
        AclTable.Check(id, $"p = update ({constraint})", "update p", expected, body);

    [Theory]
    [InlineData("read", Denied)]
    [InlineData("create", Denied)]
    [InlineData("update", Denied)]
    [InlineData("patch", Denied)]
    [InlineData("delete", "ok")]
    [InlineData("list", "ok")]
    [InlineData("scan", "ok")]
    public void Decide_parameters_areCheckedForReadAndWriteOnly(string operation, string expected) =>
        AclTable.Check("A-8", "p = read,create,update,patch,delete,list,scan (denied_parameters = { \"a\" = [] })", operation + " p", expected, "{\"a\":1}");

    [Theory]
    [InlineData("A-7", "p = update (allowed_parameters = { \"a\" = [] }) || p = update", "{\"b\":1}", NotAllowed)]
    [InlineData("A-7", "p = update || p = update (allowed_parameters = { \"a\" = [] })", "{\"b\":1}", NotAllowed)]
    [InlineData("A-7", "p = update (denied_parameters = { \"a\" = [] }) || p = update", "{\"a\":1}", Denied)]
    [InlineData("A-7", "p = update (required_parameters = [\"a\"]) || p = update", "{\"b\":1}", Missing)]
    [InlineData("A-7", "p = update (required_parameters = [\"a\"]) || p = update (required_parameters = [\"b\"])", "{\"b\":1}", Missing)]
    [InlineData("A-7", "p = update (allowed_parameters = { \"a\" = [\"x\"] }) || p = update (allowed_parameters = { \"a\" = [\"y\"], \"b\" = [] })", "{\"a\":\"y\",\"b\":1}", "ok")]
    [InlineData("A-7", "p = update (allowed_parameters = { \"a\" = [\"x\"] }) || p = update (allowed_parameters = { \"a\" = [] })", "{\"a\":\"z\"}", "ok")]
    [InlineData("A-7", "p = update (denied_parameters = { \"a\" = [\"x\"] }) || p = update (denied_parameters = { \"a\" = [\"y\"] })", "{\"a\":\"x\"}", Denied)]
    [InlineData("A-7", "p = update (denied_parameters = { \"a\" = [\"x\"] }) || p = update (denied_parameters = { \"a\" = [] })", "{\"a\":\"z\"}", Denied)]
    [InlineData("A-7", "p = update (denied_parameters = { \"a\" = [] }) || p = update (allowed_parameters = { \"a\" = [] })", "{\"a\":1}", Denied)]
    [InlineData("A-7", "p* = update (denied_parameters = { \"a\" = [] }) || p = update", "{\"a\":1}", "ok")]
    public void Decide_mergedParameters_restrictTogether(string id, string policies, string body, string expected) =>
        AclTable.Check(id, policies, "update p", expected, body);

    [Theory]
    [InlineData("A-9", "p = read (min_wrapping_ttl = \"1m\")", null, "WrappingTtl")]
    [InlineData("A-9", "p = read (max_wrapping_ttl = \"1m\")", null, "WrappingTtl")]
    [InlineData("A-9", "p = read (max_wrapping_ttl = \"1m\")", "0", "WrappingTtl")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = \"1m\")", "60", "ok")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = \"1m\")", "59.9", "WrappingTtl")]
    [InlineData("A-9", "p = read (max_wrapping_ttl = 60)", "60", "ok")]
    [InlineData("A-9", "p = read (max_wrapping_ttl = 60)", "60.1", "WrappingTtl")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = \"1m\" max_wrapping_ttl = \"2m\")", "90", "ok")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = \"0s\")", null, "ok")]
    [InlineData("A-9", "p = read", "5", "ok")]
    [InlineData("A-9", "p = read (max_wrapping_ttl = 60) || p = read", null, "WrappingTtl")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = 60) || p = read (min_wrapping_ttl = 30)", "40", "ok")]
    [InlineData("A-9", "p = read (max_wrapping_ttl = 60) || p = read (max_wrapping_ttl = 30)", "40", "WrappingTtl")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = 60) || p = read (max_wrapping_ttl = 30)", "40", "WrappingTtl")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = 60) || p = read (max_wrapping_ttl = 30)", "70", "WrappingTtl")]
    [InlineData("A-9", "p = read (min_wrapping_ttl = 60) || p = read (max_wrapping_ttl = 30)", "20", "WrappingTtl")]
    [InlineData("A-9", "p = deny (min_wrapping_ttl = 60)", null, "ExplicitDeny")]
    public void Decide_wrappingRow_isAsExpected(string id, string policies, string? wrap, string expected) =>
        AclTable.Check(id, policies, "read p", expected, wrap: wrap);

    [Fact]
    public void Decide_bodyThatIsNoJson_isRefusedWhereARuleLooksAtIt()
    {
        Assert.Throws<RequestRefused>(() =>
            AclTable.Decide(AclTable.Compile("p = update (allowed_parameters = { \"a\" = [] })"), "update p", "not json"));
        Assert.True(AclTable.Decide(AclTable.Compile("p = update"), "update p", "not json").IsAllowed);
    }

    [Fact]
    public void Decide_extras_areMergedToTheStricter()
    {
        var decision = AclTable.Decide(
            AclTable.Compile(
                "p = list (pagination_limit = 100 mfa_methods = [\"totp\"] list_scan_response_keys_filter_path = \"x\")"
                + " || p = list (pagination_limit = 10 mfa_methods = [\"totp\", \"duo\"] list_scan_response_keys_filter_path = \"y\")"),
            "list p");
        Assert.Equal(10, decision.PaginationLimit);
        Assert.Equal(["totp", "duo"], decision.MfaMethods);
        Assert.Equal(["x", "y"], decision.ListFilterPaths);
    }

    [Fact]
    public void Decide_controlGroup_isReducedToTheFactorsOfTheOperation()
    {
        var acl = AclTable.Compile("""
            p = read,update (control_group = {
              ttl = "4h"
              factor "a" { controlled_capabilities = ["update"] identity { group_names = ["g"] approvals = 2 } }
              factor "b" { controlled_capabilities = ["update", "delete"] identity { group_ids = ["i"] } }
            })
            """);
        Assert.Null(AclTable.Decide(acl, "read p").ControlGroup);
        var group = AclTable.Decide(acl, "update p").ControlGroup;
        Assert.Equal(TimeSpan.FromHours(4), group?.Ttl);
        Assert.False(group?.SelfAuthAllowed);
        Assert.Equal(["a", "b"], group?.Factors.Select(factor => factor.Name));
        Assert.Equal([2, 1], group?.Factors.Select(factor => factor.Approvals));
    }

    [Fact]
    public void Decide_controlGroupsOfTwoPolicies_addUp()
    {
        const string rule = "p = read (control_group = {{ ttl = \"{0}\" self_auth_allowed = {1} factor \"{2}\" {{ identity {{ group_names = [\"g\"] }} }} }})";
        string Rule(string ttl, string self, string factor) => string.Format(null, System.Text.CompositeFormat.Parse(rule), ttl, self, factor);
        var group = AclTable.Decide(AclTable.Compile(Rule("4h", "true", "a") + " || " + Rule("1h", "false", "b") + " || " + Rule("0s", "true", "c")), "read p").ControlGroup;
        Assert.Equal(TimeSpan.FromHours(1), group?.Ttl);
        Assert.False(group?.SelfAuthAllowed);
        Assert.Equal(["a", "b", "c"], group?.Factors.Select(factor => factor.Name));
    }
}
