using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>Identity templates .</summary>
public sealed class AclTemplateTests
{
    private static readonly IdentityTemplateValues s_values = new()
    {
        EntityId = "e-1",
        EntityName = "ann",
        Metadata = new Dictionary<string, string>
        {
            ["team"] = "blue", ["slash"] = "a/b", ["star"] = "*", ["plus"] = "+", ["empty"] = "", ["a/b"] = "odd", ["dots"] = "..",
        },
        AliasesByMountAccessor = new Dictionary<string, AliasTemplateValues>
        {
            ["auth_userpass_1"] = new("al-1", "ann@corp")
            {
                Metadata = new Dictionary<string, string> { ["m"] = "am" },
                CustomMetadata = new Dictionary<string, string> { ["c"] = "ac" },
            },
            ["auth_jwt_2"] = new("al-2", "evil/*"),
        },
        Groups = [new("g-1", "ops") { Metadata = new Dictionary<string, string> { ["zone"] = "eu" } }],
    };

    [Theory]
    [InlineData("A-10", "a/{{identity.entity.id}}", "a/e-1", "ok")]
    [InlineData("A-10", "a/{{identity.entity.name}}/*", "a/ann/x", "ok")]
    [InlineData("A-10", "a/{{ identity.entity.name }}/*", "a/ann/x", "ok")]
    [InlineData("A-10", "a/{{identity.entity.name}}/*", "a/bob/x", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.metadata.team}}", "a/blue", "ok")]
    [InlineData("A-10", "a/{{identity.entity.metadata.a/b}}", "a/odd", "ok")]
    [InlineData("A-10", "{{identity.entity.name}}-{{identity.entity.metadata.team}}*", "ann-blue/x", "ok")]
    [InlineData("A-10", "a/+/{{identity.entity.name}}", "a/x/ann", "ok")]
    [InlineData("A-10", "a/{{identity.entity.aliases.auth_userpass_1.name}}", "a/ann@corp", "ok")]
    [InlineData("A-10", "a/{{identity.entity.aliases.auth_userpass_1.id}}", "a/al-1", "ok")]
    [InlineData("A-10", "a/{{identity.entity.aliases.auth_userpass_1.metadata.m}}", "a/am", "ok")]
    [InlineData("A-10", "a/{{identity.entity.aliases.auth_userpass_1.custom_metadata.c}}", "a/ac", "ok")]
    [InlineData("A-10", "a/{{identity.groups.ids.g-1.name}}", "a/ops", "ok")]
    [InlineData("A-10", "a/{{identity.groups.names.ops.id}}", "a/g-1", "ok")]
    [InlineData("A-10", "a/{{identity.groups.names.ops.metadata.zone}}", "a/eu", "ok")]
    // Unresolved: the rule falls away.
    [InlineData("A-10", "a/{{identity.entity.metadata.none}}*", "a/", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.metadata.empty}}*", "a/x", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.aliases.auth_other_3.name}}*", "a/ann@corp", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.aliases.auth_jwt_2.metadata.m}}*", "a/am", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.groups.names.dev.id}}*", "a/g-1", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.groups.ids.ops.name}}*", "a/ops", "NothingMatches")]
    // Values that would change the pattern: the rule falls away.
    [InlineData("A-10", "a/{{identity.entity.metadata.slash}}", "a/a/b", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.metadata.star}}", "a/x", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.metadata.star}}", "a/*", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.metadata.plus}}", "a/x", "NothingMatches")]
    [InlineData("A-10", "a/{{identity.entity.aliases.auth_jwt_2.name}}", "a/evil/x", "NothingMatches")]
    public void Decide_templateRow_isAsExpected(string id, string path, string request, string expected) =>
        AclTable.Check(id, path + " = read", "read " + request, expected, values: s_values);

    [Fact]
    public void Decide_tokenWithoutEntity_hasNoTemplatedRules() =>
        AclTable.Check("A-10", "a/{{identity.entity.id}} = read; b = read", "read a/e-1", "NothingMatches");

    [Fact]
    public void Decide_templateThatGivesAKnownPath_isUnitedWithIt()
    {
        AclTable.Check("A-10", "a/ann = read || a/{{identity.entity.name}} = deny", "read a/ann", "ExplicitDeny", values: s_values);
        AclTable.Check("A-10", "a/* = read || a/{{identity.entity.name}} = deny", "read a/ANN", "ExplicitDeny", values: s_values);
    }

    [Theory]
    [InlineData("a/{{identity.entity.id")]
    [InlineData("a/identity.entity.id}}")]
    [InlineData("a/}}{{identity.entity.id}}")]
    [InlineData("a/{{identity.entity.id}}}}")]
    [InlineData("a/{{identity.entity}}")]
    [InlineData("a/{{identity.entity.ID}}")]
    [InlineData("a/{{identity.entity.metadata.}}")]
    [InlineData("a/{{identity.entity.aliases.name}}")]
    [InlineData("a/{{identity.entity.custom_metadata.x}}")]
    [InlineData("a/{{identity.groups.names.ops}}")]
    [InlineData("a/{{identity.groups.ids..name}}")]
    [InlineData("a/{{time.now}}")]
    [InlineData("a/{{}}")]
    [InlineData("a/{{{{identity.entity.id}}}}")]
    public void Parse_templateThatNamesNothing_isRefused(string path) =>
        Assert.Contains("template", Assert.Throws<PolicyException>(() => PolicyParser.Parse("p", $"path \"{path}\" {{ }}")).Message, StringComparison.Ordinal);
}
