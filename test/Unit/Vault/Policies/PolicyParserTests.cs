using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>What a policy text may hold and its wrapped form.</summary>
public sealed class PolicyParserTests
{
    private const string AppPolicy = """
        # vault-policies.hcl
        # Policy for application access
        policy "app-policy" {
          rules = <<EOT
        path "secret/data/*" {
          capabilities = ["read", "list"]
        }
        path "secret/data/database/*" {
          capabilities = ["read", "create", "update", "delete"]
        }
        path "secret/data/api-keys/*" {
          capabilities = ["read", "create", "update", "delete"]
        }
        path "secret/data/storage/*" {
          capabilities = ["read", "create", "update", "delete"]
        }
        EOT
        }
        """;

    private const string EnvironmentPolicies = """
        policy "dev-policy" {
          rules = <<EOT
          path "secret/data/development/*" {
            capabilities = ["read", "list"]
          }
          EOT
        }

        policy "prod-policy" {
          rules = <<EOT
          path "secret/data/production/*" {
            capabilities = ["read", "list"]
          }
          EOT
        }
        """;

    [Theory]
    [InlineData("read secret/data/any", true)]
    [InlineData("list secret/data/any", true)]
    [InlineData("create secret/data/any", false)]
    [InlineData("delete secret/data/any", false)]
    [InlineData("read secret/data/database/postgres", true)]
    [InlineData("create secret/data/database/postgres", true)]
    [InlineData("update secret/data/database/postgres", true)]
    [InlineData("delete secret/data/database/postgres", true)]
    [InlineData("list secret/data/database/postgres", false)]
    [InlineData("update secret/data/api-keys/openai", true)]
    [InlineData("update secret/data/storage/minio", true)]
    [InlineData("read secret/metadata/any", false)]
    public void Parse_appPolicy_hasTheTruthTable(string request, bool allowed)
    {
        var acl = Acl.Compile([PolicyParser.Parse("app-policy", AppPolicy)], null);
        Assert.Equal(allowed, AclTable.Decide(acl, request).IsAllowed);
    }

    [Fact]
    public void Parse_wrappedForm_isReadBackAsTheInnerRules()
    {
        var policy = PolicyParser.Parse("APP-policy", AppPolicy);
        Assert.Equal("app-policy", policy.Name);
        Assert.StartsWith("path \"secret/data/*\" {", policy.Text, StringComparison.Ordinal);
        Assert.EndsWith("}\n", policy.Text, StringComparison.Ordinal);
        Assert.Empty(policy.Warnings);
        Assert.Equal(policy.Text, PolicyParser.Parse("app-policy", policy.Text).Text);
        Assert.Equal(4, policy.Rules.Count);
    }

    [Fact]
    public void Parse_severalWrappedPolicies_takesTheNamedOneWithAWarning()
    {
        var policy = PolicyParser.Parse("prod-policy", EnvironmentPolicies);
        Assert.Equal("secret/data/production/*", Assert.Single(policy.Rules).Path);
        Assert.Equal("The text holds 2 policies; all but \"prod-policy\" are ignored.", Assert.Single(policy.Warnings));
    }

    [Theory]
    [InlineData("other", EnvironmentPolicies, "the text has no policy \"other\": it has dev-policy, prod-policy")]
    [InlineData("a", "policy \"a\" { rules = \"\" }\npath \"x\" { }", "failed to parse policy: line 2, column 1: path blocks beside policy blocks: use one form only")]
    [InlineData("a", "policy \"a\" { rules = \"\" }\npolicy \"A\" { rules = \"\" }", "failed to parse policy: line 2, column 1: policy \"a\" occurs twice")]
    [InlineData("a", "policy \"a\" { }", "failed to parse policy: line 1, column 1: policy block without rules")]
    [InlineData("a", "policy \"a\" { rules = 1 }", "failed to parse policy: line 1, column 22: expected a string, found a number")]
    [InlineData("a", "policy \"a\" { rules = \"\" rulez = \"\" }", "failed to parse policy: line 1, column 25: invalid key \"rulez\": expected rules")]
    [InlineData("a", "policy \"a\" { rules = \"policy b { rules = 1 }\" }", "failed to parse policy: line 1, column 1: a policy block inside the rules of a policy block")]
    public void Parse_badWrappedForm_saysWhy(string name, string text, string message) =>
        Assert.Equal(message, Assert.Throws<PolicyException>(() => PolicyParser.Parse(name, text)).Message);

    [Theory]
    [InlineData("path \"a\" { capabilities = [\"read\"] }")]
    [InlineData("path \"a\" { capabilities = \"read\" }")]
    [InlineData("path a { capabilities = [\"read\"] }")]
    [InlineData("name = \"x\"\npath \"a\" { capabilities = [\"read\",] }")]
    [InlineData("path = { a = { capabilities = [\"read\"] } }")]
    [InlineData("""{"path": {"a": {"capabilities": ["read"]}}}""")]
    [InlineData("""{"path": [{"a": {"capabilities": ["read"]}}]}""")]
    [InlineData("""{"policy": {"p": {"rules": "path \"a\" { capabilities = [\"read\"] }"}}}""")]
    [InlineData("policy \"p\" { rules = \"{\\\"path\\\": {\\\"a\\\": {\\\"capabilities\\\": [\\\"read\\\"]}}}\" }")]
    public void Parse_hclAndJson_giveTheSameRule(string text)
    {
        var rule = Assert.Single(PolicyParser.Parse("p", text).Rules);
        Assert.Equal("a", rule.Path);
        Assert.Equal(Capability.Read, rule.Capabilities);
    }

    [Theory]
    [InlineData("deny", Capability.Deny)]
    [InlineData("read", Capability.Read | Capability.List)]
    [InlineData("write", Capability.Create | Capability.Read | Capability.Update | Capability.Delete | Capability.List)]
    [InlineData("sudo", Capability.Create | Capability.Read | Capability.Update | Capability.Delete | Capability.List | Capability.Sudo)]
    public void Parse_legacyWord_standsForCapabilities(string word, Capability expected)
    {
        Assert.Equal(expected, Rule($"policy = \"{word}\"").Capabilities);
        Assert.Equal(expected | Capability.Patch, Rule($"policy = \"{word}\" capabilities = [\"patch\"]").Capabilities);
    }

    [Theory]
    [InlineData("capabilities = [\"reed\"]", "invalid capability \"reed\"")]
    [InlineData("capabilities = [\"READ\"]", "invalid capability \"READ\"")]
    [InlineData("capabilities = [\"root\"]", "invalid capability \"root\"")]
    [InlineData("capabilities = [\"hvs.CAESIJ4f8\"]", "invalid capability (not a word)")]
    [InlineData("capabilities = [\"correcthorsebatterystaple\"]", "invalid capability (not a word)")]
    [InlineData("policy = \"hunter2\"", "invalid policy (not a word): expected deny, read, write or sudo")]
    [InlineData("capabilities = [\"renew\"]", "invalid capability \"renew\"")]
    [InlineData("policy = \"admin\"", "invalid policy \"admin\"")]
    [InlineData("capabilites = [\"read\"]", "invalid key \"capabilites\"")]
    [InlineData("allow { }", "invalid key \"allow\"")]
    [InlineData("capabilities { }", "expected a value, found a block")]
    [InlineData("capabilities = [\"read\"]\ncapabilities = [\"list\"]", "found a duplicate")]
    [InlineData("capabilities = [1]", "expected a string, found a number")]
    [InlineData("denied_parameters = [\"a\"]", "expected a block, found a string")]
    [InlineData("denied_parameters = \"a\"", "expected a block, found a string")]
    [InlineData("denied_parameters { a = [] }\ndenied_parameters { b = [] }", "only once")]
    [InlineData("allowed_parameters = { a = { b = 1 } }", "expected a list of values, found an object")]
    [InlineData("required_parameters = 1", "expected a list of strings")]
    [InlineData("min_wrapping_ttl = \"soon\"", "expected a duration")]
    [InlineData("min_wrapping_ttl = \"-1s\"", "expected a duration")]
    [InlineData("min_wrapping_ttl = \"2m\" max_wrapping_ttl = \"1m\"", "max_wrapping_ttl cannot be less than min_wrapping_ttl")]
    [InlineData("expiration = \"tomorrow\"", "expiration is no time")]
    [InlineData("expiration = \"2030-01-01T00:00:00\"", "expiration is no time")]
    [InlineData("expiration = \"2030-01-01\"", "expiration is no time")]
    [InlineData("expiration = \"\"", "expiration is no time")]
    [InlineData("pagination_limit = 0", "pagination_limit is not a number above 0")]
    [InlineData("pagination_limit = -5", "pagination_limit is not a number above 0")]
    [InlineData("control_group = { ttl = \"1h\" }", "expected 1 to 32 factors")]
    [InlineData("control_group = { factor \"a\" { } }", "expected an identity block")]
    [InlineData("control_group = { factor \"a\" { identity { } } }", "expected group_names or group_ids")]
    [InlineData("control_group = { factor \"a\" { identity { group_names = [\"g\"] approvals = 0 } } }", "expected approvals from 1")]
    [InlineData("control_group = { factor \"a\" { identity { group_names = [\"g\"] users = [] } } }", "identity: invalid key \"users\"")]
    [InlineData("control_group = { factor \"a\" { controlled_capabilities = [\"x\"] identity { group_names = [\"g\"] } } }", "invalid capability \"x\"")]
    [InlineData("control_group = { factor \"a\" { identity { group_names = [\"g\"] } } factor \"a\" { identity { group_names = [\"g\"] } } }", "different names")]
    public void Parse_badRule_isRefusedByName(string body, string problem)
    {
        var failure = Assert.Throws<PolicyException>(() => Rule(body));
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith("failed to parse policy: line ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("path \"a/+*\" { }", "\"+*\"")]
    [InlineData("path \"a/b+*\" { }", "\"+*\"")]
    [InlineData("path \"+*/x\" { }", "\"+*\"")]
    [InlineData("path \"\" { }", "the path is empty")]
    [InlineData("path \"/\" { }", "the path is empty")]
    [InlineData("path \"a/../b\" { }", "'..' segment")]
    [InlineData("path \"a\\nb\" { }", "control character")]
    [InlineData("paths \"a\" { }", "invalid key \"paths\"")]
    [InlineData("key = 1", "invalid key \"key\"")]
    [InlineData("path \"a\" \"b\" { }", "expected a block with 1 label(s), found 2")]
    [InlineData("path { capabilities = [\"read\"] }", "expected a block, found a string")]
    [InlineData("name = 1", "expected a string")]
    [InlineData("""{"path": {"a": {"capabilities": ["read"], "capabilities": ["list"]}}}""", "found a duplicate")]
    [InlineData("""{"path": {"a": {}, "a": {}}}""", "found a duplicate")]
    [InlineData("""{"path": {"a": {"nope": 1}}}""", "invalid key \"nope\"")]
    [InlineData("""{"path": {"a": {"capabilities": null}}}""", "found null")]
    public void Parse_badText_isRefused(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<PolicyException>(() => PolicyParser.Parse("p", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_limits_hold()
    {
        Assert.Throws<PolicyException>(() => PolicyParser.Parse("p", $"path \"{new string('a', PolicyRuleParser.MaxPathLength + 1)}\" {{ }}"));
        Assert.Throws<PolicyException>(() => PolicyParser.Parse("p", $"path \"+{string.Concat(Enumerable.Repeat("/a", PolicyRuleParser.MaxWildcardSegments))}\" {{ }}"));
        var rules = string.Concat(Enumerable.Range(0, PolicyRuleParser.MaxRules).Select(i => $"path \"{i}\" {{ }}\n"));
        Assert.Equal(PolicyRuleParser.MaxRules, PolicyParser.Parse("p", rules).Rules.Count);
        Assert.Throws<PolicyException>(() => PolicyParser.Parse("p", rules + "path \"x\" { }"));
    }

    [Fact]
    public void Parse_starInTheMiddle_isAcceptedWithAWarning() =>
        Assert.Equal(
            "path \"a/*/b\": a '*' that is not the last character matches only itself.",
            Assert.Single(PolicyParser.Parse("p", "path \"a/*/b\" { }").Warnings));

    [Fact]
    public void Parse_everyKey_isKept()
    {
        var rule = Rule("""
            capabilities = ["subscribe", "recover"] comment = "why" expiration = "2031-02-03T04:05:06Z"
            min_wrapping_ttl = 60 max_wrapping_ttl = "1h" mfa_methods = ["m"] required_parameters = ["A"]
            pagination_limit = 7 list_scan_response_keys_filter_path = "f" subscribe_event_types = ["kv*"]
            allowed_parameters = { "X" = [1] } denied_parameters { y = [] }
            """);
        Assert.Equal(Capability.Subscribe | Capability.Recover, rule.Capabilities);
        Assert.Equal("why", rule.Comment);
        Assert.Equal(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero), rule.Expiration);
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)), (rule.MinWrappingTtl, rule.MaxWrappingTtl));
        Assert.Equal(["m"], rule.MfaMethods);
        Assert.Equal(["a"], rule.RequiredParameters);
        Assert.Equal((7, "f"), (rule.PaginationLimit, rule.ListFilterPath));
        Assert.Equal(["kv*"], rule.SubscribeEventTypes);
        Assert.Equal(["x"], rule.AllowedParameters.Keys);
        Assert.Equal(["y"], rule.DeniedParameters.Keys);
    }

    [Theory]
    [InlineData("root")]
    [InlineData("ROOT")]
    [InlineData("a/b")]
    public void Parse_nameThatCannotBeWritten_isRefused(string name) =>
        Assert.Throws<PolicyException>(() => PolicyParser.Parse(name, "path \"a\" { }"));

    [Theory]
    [InlineData(PolicyNames.Default)]
    [InlineData(PolicyNames.ResponseWrapping)]
    [InlineData(PolicyNames.ControlGroup)]
    public void DefaultPolicies_parse(string name)
    {
        var text = DefaultPolicies.TextOf(name) ?? throw new InvalidOperationException("no text");
        Assert.NotEmpty(PolicyParser.Parse(name, text).Rules);
    }

    private static PolicyRule Rule(string body) => Assert.Single(PolicyParser.Parse("p", $"path \"a\" {{ {body} }}").Rules);
}
