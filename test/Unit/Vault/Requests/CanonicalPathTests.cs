using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Requests;

public sealed class CanonicalPathTests
{
    [Theory]
    [InlineData("a/😀", true)]
    [InlineData("a/\U00020000", true)]
    [InlineData("a//b", true)]
    [InlineData("a/\U0010FFFF", false)] // unassigned
    [InlineData("a/\U000E0041", false)] // an invisible tag
    [InlineData("a/\U000F0000", false)] // private use
    [InlineData("a/\u200b", false)]
    [InlineData("a/\ue000", false)]
    [InlineData("a/../b", false)]
    [InlineData("a\\b", false)]
    public void TryParse_characters_mustBeVisible(string text, bool isAllowed) =>
        Assert.Equal(isAllowed, CanonicalPath.TryParse(text, out _, out _));
}
