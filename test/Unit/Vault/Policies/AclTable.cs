using System.Globalization;
using System.Text;
using Candlefish.Secrets.Vault.Hcl;
using Candlefish.Secrets.Vault.Policies;
using Candlefish.Secrets.Vault.Requests;
using Xunit;

namespace Candlefish.Secrets.Tests.Unit.Vault.Policies;

/// <summary>
/// The short form in which the tables write policies: rules end with <c>;</c>, policies are parted by <c>||</c> and are
/// named p1, p2, … A rule is <c>path = word,word</c>, optionally with more HCL in parentheses.
/// </summary>
internal static class AclTable
{
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Acl Compile(string policies, IdentityTemplateValues? values = null) =>
        Acl.Compile(policies.Split("||").Select((text, index) => PolicyParser.Parse($"p{index + 1}", ToHcl(text))), values);

    /// <summary><paramref name="request"/> is <c>operation path</c>; an operation with <c>!</c> is root-protected.</summary>
    public static AclDecision Decide(Acl acl, string request, string? body = null, string? wrap = null)
    {
        var parts = request.Split(' ', 2);
        using var data = body is null ? null : new RequestData(Encoding.UTF8.GetBytes(body));
        return acl.Decide(new AclRequest
        {
            Operation = Enum.Parse<Operation>(parts[0].TrimEnd('!'), ignoreCase: true),
            Path = parts[1],
            Data = data,
            WrapTtl = wrap is null ? null : TimeSpan.FromSeconds(double.Parse(wrap, CultureInfo.InvariantCulture)),
            IsRootProtected = parts[0].EndsWith('!'),
            Now = Now,
        });
    }

    /// <summary>Expected: <c>ok</c>, or the name of the denial.</summary>
    public static void Check(string id, string policies, string request, string expected, string? body = null, string? wrap = null, IdentityTemplateValues? values = null)
    {
        var acl = Compile(policies, values);
        var decision = Decide(acl, request, body, wrap);
        var actual = decision.IsAllowed ? "ok" : decision.Denial.ToString();
        Assert.True(actual == expected, $"{id}: {request} under [{policies}] is {actual}, expected {expected}");
    }

    private static string ToHcl(string policy)
    {
        var hcl = new StringBuilder();
        foreach (var rule in policy.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = rule.IndexOf(" =", StringComparison.Ordinal);
            var open = rule.IndexOf(" (", equals, StringComparison.Ordinal);
            var words = (open < 0 ? rule[(equals + 2)..] : rule[(equals + 2)..open]).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var more = open < 0 ? "" : rule[(open + 2)..^1];
            hcl.Append(CultureInfo.InvariantCulture, $"path \"{rule[..equals]}\" {{ capabilities = [{string.Join(", ", words.Select(word => $"\"{word}\""))}] {more} }}\n");
        }

        return hcl.ToString();
    }
}
