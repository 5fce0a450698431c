using Candlefish.Secrets.Vault.Policies;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>One canonical form of policy names .</summary>
public sealed class PolicyNamesTests
{
    [Theory]
    [InlineData("dev", "dev")]
    [InlineData("Dev-Policy_2.0", "dev-policy_2.0")]
    [InlineData("ROOT", "root")]
    [InlineData("two words", "two words")]
    [InlineData("a.b", "a.b")]
    public void Canonicalize_goodName_isLowerCase(string given, string expected)
    {
        Assert.Equal(expected, PolicyNames.Canonicalize(given));
        Assert.Equal(expected, PolicyNames.Canonicalize(expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" dev")]
    [InlineData("dev ")]
    [InlineData("dev\t")]
    [InlineData("de\0v")]
    [InlineData("dev\n")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a%2fb")]
    [InlineData("a,b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a..b")]
    [InlineData("rôle")]
    [InlineData("ｒｏｏｔ")]
    [InlineData("\u212Aate")]
    [InlineData("e\u0301")]
    [InlineData("ro\u200Bot")]
    [InlineData("root\u00A0")]
    public void Canonicalize_ambiguousName_isRefused(string given)
    {
        Assert.Throws<PolicyException>(() => PolicyNames.Canonicalize(given));
        Assert.False(PolicyNames.TryCanonicalize(given, out var name, out var problem));
        Assert.Null(name);
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Canonicalize_length_isBounded()
    {
        Assert.True(PolicyNames.TryCanonicalize(new string('a', PolicyNames.MaxLength), out _, out _));
        Assert.False(PolicyNames.TryCanonicalize(new string('a', PolicyNames.MaxLength + 1), out _, out _));
        Assert.False(PolicyNames.TryCanonicalize(null, out _, out _));
    }

    [Theory]
    [InlineData("root", false, false, false)]
    [InlineData("response-wrapping", false, false, false)]
    [InlineData("control-group", false, false, false)]
    [InlineData("default", true, false, true)]
    [InlineData("dev", true, true, true)]
    public void BuiltIn_names_areProtected(string name, bool written, bool deleted, bool assigned) =>
        Assert.Equal(
            (written, deleted, assigned),
            (PolicyNames.MayBeWritten(name), PolicyNames.MayBeDeleted(name), PolicyNames.MayBeAssigned(name)));
}
